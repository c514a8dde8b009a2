// SPDX-License-Identifier: Apache-2.0

import CanaryTestSupport
import CanaryText
import Foundation
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

    @Test(arguments: ["##[group]y", "a ##\u{200B}[x]", "::error::x", "#\u{200D}#[", "plain [1] # [x]"])
    func `do nothing in a document, of which a reader gets every byte`(text: String) throws {
        let document = try [text, "x", text].json()
        let escaped = InertCommands.escaped(document: document)
        #expect(InertCommands.filtered(escaped) == escaped)
        #expect(try JSONDecoder().decode([String].self, from: Data(escaped.utf8)) == [text, "x", text])
        #expect(text.contains("##") || text.contains("#\u{200D}#") || escaped == document)
    }

    @Test(arguments: ["sed 's/##[a]//'", "\n::error::x\n  ::y", "##[x]::", "'##['::'"])
    func `do nothing in a word of a shell, which reads every byte`(text: String) {
        let word = ShellWord.quoted(text)
        #expect(InertCommands.filtered(word) == word)
        #expect(shell(["sh", "-c", "printf '[%s]' \(word)"]) == "[\(text)]")
    }
}
