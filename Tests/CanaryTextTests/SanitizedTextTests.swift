// SPDX-License-Identifier: Apache-2.0

import CanaryText
import Testing

@Suite("Outside text") struct SanitizedTextTests {
    @Test(arguments: [
        ("plain", "`plain`"), ("a`b", "``a`b``"), ("`", "`` ` ``"), ("``a", "``` ``a ```"), ("", "(empty)"),
        ("a\nb", "`a b`"),
    ])
    func `puts backticks into code`(_ text: String, _ code: String) { #expect(Markdown.code(text) == code) }

    @Test(arguments: [
        ("  a \t b\n", "a b"), ("\u{1B}[1;31mx\u{1B}[m", "x"), ("\u{1B}]8;;http://x\u{1B}\\y\u{1B}]8;;\u{07}", "y"),
        ("123456", "1234…"), ("e\u{301}\u{301}\u{301}\u{301}", "e\u{301}\u{301}"), ("\u{202E}a\u{FEFF}b", "ab"),
    ])
    func `is one harmless line`(_ text: String, _ line: String) { #expect(SanitizedText.line(text, limit: 5) == line) }
}
