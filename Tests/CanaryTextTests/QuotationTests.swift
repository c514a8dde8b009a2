// SPDX-License-Identifier: Apache-2.0

import CanaryText
import Testing

@Suite("Quotation") struct QuotationTests {
    @Test(arguments: [
        ("a b", "`a b`"), ("a\nb", "`a\\u{a}b`"), ("\u{1B}[1m", "`\\u{1b}[1m`"), ("\u{202E}x", "`\\u{202e}x`"),
        (String(repeating: "é", count: 81), "`\(String(repeating: "é", count: 80))...`"), ("", "``"),
    ])
    func `a message shows a name in one line, and cut`(text: String, shown: String) { #expect(quoted(text) == shown) }

    @Test func `names are separated by commas`() { #expect(quotedList(["a", "b"]) == "`a`, `b`") }

    @Test(arguments: [("a b", "'a b'"), ("it's", "'it'\\''s'"), ("'\u{301}", "''\\''\u{301}'"), ("", "''")])
    func `a shell reads a word as it is`(value: String, word: String) { #expect(ShellWord.quoted(value) == word) }
}

@Suite("Glob") struct GlobTests {
    @Test(arguments: [
        ("*.md", "a.md", true), ("*.md", "a/b.md", false), ("[[:digit:]]?", "7x", true), ("[!a-c]", "d", true),
        ("a/**/b", "a/x/y/b", true), ("\\*", "*", true), ("[]a]", "]", true), ("[a-]", "-", true),
    ])
    func `matches paths as git does`(pattern: String, path: String, isMatch: Bool) throws {
        #expect(try Glob(Array(pattern.utf8)).matches(Array(path.utf8)[...]) == isMatch)
    }

    @Test(arguments: [
        ("", Glob.Problem.empty, "the pattern is empty"),
        ("[a", .openBracket, "a `[` is not closed; write `\\[` for the character itself"),
        ("[[:alpa:]]", .unknownClass("alpa"), "there is no class `[:alpa:]`; did you mean `alpha`?"),
        ("[z-a]", .reversedRange("z-a"), "the range `z-a` is reversed"),
        ("a\\", .trailingBackslash, "nothing follows the `\\` at the end; write `\\\\` for the character itself"),
    ])
    func `says what is wrong with a pattern`(pattern: String, problem: Glob.Problem, sentence: String) {
        #expect(throws: problem) { try Glob(Array(pattern.utf8)) }
        #expect(problem.sentence == sentence)
    }
}
