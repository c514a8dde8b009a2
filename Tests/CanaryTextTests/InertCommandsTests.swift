// SPDX-License-Identifier: Apache-2.0

import CanaryText
import Testing

@Suite("Commands of a workflow") struct InertCommandsTests {
    @Test(arguments: [
        ("::set-output name=a::b", ": :set-output name=a::b"), ("a\n  \t::error::x\n", "a\n  \t: :error::x\n"),
        ("10%\r::add-mask::x", "10%\r: :add-mask::x"), ("\u{A0}\u{2003}::error::x", "\u{A0}\u{2003}: :error::x"),
        ("\u{200B}:\u{200D}:error::x", "\u{200B}:\u{200D} :error::x"),
        ("\u{0}:\u{0}:error::x", "\u{0}:\u{0} :error::x"),
        ("see ##[add-path]/x", "see ## [add-path]/x"), ("#\u{200D}#\u{FEFF}[x]", "#\u{200D}#\u{FEFF} [x]"),
        ("####[x]", "#### [x]"), ("::::", ": :::"), ("::", ": :"),
    ])
    func `do nothing once a space is in them`(text: String, inert: String) {
        #expect(InertCommands.filtered(text) == inert)
    }

    @Test(arguments: [
        "std::string", "error: a::b\nx ::y", "#[derive(A)]", "# [x]", "## [x]", ": :x", "a:\n:b", "{\"a\": \"::b\"}",
        "",
        "[1/2] c++ -o ::", "#include <a>\n#\n#[x]",
    ])
    func `are not seen in other text`(text: String) {
        #expect(InertCommands.filtered(text) == text)
    }

    @Test func `are seen wherever a stream is cut`() {
        let bytes = Array("ok\n \u{200B}::error::x ##[group]y\r\n::notice::z".utf8)
        let whole = InertCommands.filtered(String(decoding: bytes, as: UTF8.self))
        #expect(whole == "ok\n \u{200B}: :error::x ## [group]y\r\n: :notice::z")
        for cut in bytes.indices {
            var commands = InertCommands()
            let parts = commands.filter(bytes[..<cut]) + commands.filter(bytes[cut...])
            #expect(String(decoding: parts, as: UTF8.self) == whole, "\(cut)")
        }
    }
}
