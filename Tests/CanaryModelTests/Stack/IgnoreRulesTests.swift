// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import CanaryTestSupport
import CanaryText
import Foundation
import Simulation
import Testing

@Suite("IgnoreRules") struct IgnoreRulesTests {
    @Test(arguments: [
        (["docs/**"], "docs/a/b.md", true), (["docs/**"], "docs", false), (["docs/**"], "src/docs/a", false),
        (["**/*.md"], "README.md", true), (["**/*.md"], "a/b/c.md", true), (["*.md"], "a/b.md", true),
        (["/*.md"], "a/b.md", false), (["docs"], "a/docs/b", true), (["docs/"], "docs", false),
        (["docs/"], "docs/a", true),
        (["a/**/b"], "a/b", true), (["a/**/b"], "a/x/y/b", true), ([".github/**"], ".github/workflows/ci.yml", true),
        (["*.md", "!KEEP.md"], "KEEP.md", false), (["docs", "!docs/keep.md"], "docs/keep.md", true),
        (["docs/**", "!docs/keep.md"], "docs/keep.md", false), ([], "a", false), (["\\# note"], "# note", true),
        (["[a/b]"], "b]", false),
    ])
    func `a glob means what it means in gitignore`(patterns: [String], path: String, ignored: Bool) throws {
        #expect(try IgnoreRules(patterns: patterns).ignores(path) == ignored)
    }

    @Test(arguments: [
        ("", Glob.Problem.empty), ("/", .empty), ("!", .empty), ("  ", .empty), ("# note", .comment),
        ("[[:foo:]]*", .unknownClass("foo")), ("docs/[z-a]x", .reversedRange("z-a")), ("a[b", .openBracket),
        ("a\\", .trailingBackslash), ("[\\", .trailingBackslash),
        ("a//b", .impossibleComponent("")), ("./docs/**", .impossibleComponent(".")),
        ("../x", .impossibleComponent("..")),
    ])
    func `a pattern that would match nothing is refused`(pattern: String, problem: Glob.Problem) {
        #expect(throws: problem) { try IgnoreRules(patterns: ["docs", pattern]) }
    }

    @Test func `many stars do not take for ever`() throws {
        let rules = try IgnoreRules(patterns: [
            String(repeating: "*a", count: 40) + "b", String(repeating: "**/a/", count: 40) + "b",
        ])
        let clock = ContinuousClock()
        let time = clock.measure {
            #expect(!rules.ignores(String(repeating: "a", count: 200)))
            #expect(!rules.ignores(String(repeating: "a/", count: 100) + "c"))
        }
        #expect(time < .seconds(5))
    }

    @Test(arguments: [1, 2, 3])
    func `git decides the same for random patterns and paths`(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let cases = (0..<600).map { _ in Case(&random) }
        let verdicts = try gitVerdicts(on: cases)
        for (number, one) in cases.enumerated() {
            let rules = try IgnoreRules(patterns: one.patterns)
            for path in one.paths {
                let expected = verdicts["\(number)/\(path)"]
                #expect(rules.ignores(path) == expected, "seed \(seed): \(one.patterns) on `\(path)`")
            }
        }
    }

    /// Asks one `git check-ignore` about all cases, each in a folder of its own.
    private func gitVerdicts(on cases: [Case]) throws -> [String: Bool] {
        let folder = TemporaryFolder()
        TestRepository(folder.path)
        for (number, one) in cases.enumerated() {
            folder.write("\(number)/.gitignore", one.patterns.joined(separator: "\n") + "\n")
        }
        let asked = cases.enumerated().flatMap { number, one in one.paths.map { "\(number)/\($0)" } }
        let answer = Program.run(
            ["git", "-c", "core.ignoreCase=false", "check-ignore", "--no-index", "--stdin", "-z", "-v", "-n"],
            in: folder.path, input: Data(asked.joined(separator: "\0").utf8))
        let fields = answer.data.split(separator: 0, omittingEmptySubsequences: false).map {
            String(decoding: $0, as: UTF8.self)
        }
        var verdicts: [String: Bool] = [:]
        for record in stride(from: 0, to: fields.count - 3, by: 4) {
            let pattern = fields[record + 2]
            verdicts[fields[record + 3]] = !pattern.isEmpty && !pattern.hasPrefix("!")
        }
        return verdicts
    }
}

/// Patterns and paths made at random from pieces that meet often.
private struct Case {
    let patterns: [String]
    let paths: [String]

    private static let globs = [
        "a", "b", "ab", "a", "b", "*", "**", "**", "?", "a*", "*b", "*a*b", "[ab]", "[!a]", "[^-a]", "[a-b]*", "a?b",
        "***",
        "a**", "**b", "[]a]", "[[:alpha:]]", "[[:space:]a]", "[[:nope:]]", "[[:]", "[a-]", "[z-a]", "\\a", "\\*", "[a",
        "a\\",
        "[\\]a]", "[a\\-c]", "a b", "a ", "a\\ ", " a", "#a", "\\#a", "\\!a", "é", "[é]", "{a,b}", ".", "A", "a.b",
        "*.b", "!a",
    ]
    private static let names = [
        "a", "b", "ab", "a", "b", "aab", "a.b", ".b", "-", "*", "é", "A", "a b", "a ", " a", "#a", "!a", "]", "[a",
        "\\", "a\\",
        "c", "axb", "{a,b}",
    ]

    init(_ random: inout SplitMix64) {
        patterns = (0..<Int.random(in: 1...4, using: &random)).map { _ in
            while true {
                let pattern = Self.pattern(&random)
                if (try? IgnoreRule(pattern)) != nil { return pattern }
            }
        }
        paths = (0..<16).map { _ in
            (0..<Int.random(in: 1...4, using: &random)).map { _ in Self.names.pick(&random) }.joined(separator: "/")
        }
    }

    private static func pattern(_ random: inout SplitMix64) -> String {
        var text = (0..<Int.random(in: 1...4, using: &random)).map { _ in globs.pick(&random) }
            .joined(separator: random.chance(3) ? "//" : "/")
        if random.chance(20) { text = "/" + text }
        if random.chance(20) { text += "/" }
        if random.chance(5) { text += "  " }
        if random.chance(25) { text = "!" + text }
        return text
    }
}
