// SPDX-License-Identifier: Apache-2.0

import CanaryTestSupport
import Testing

@Suite("help")
struct HelpTests {
    /// Words of a private vocabulary, and poor English.
    private var privateWords: Regex<Substring> {
        /\b(?:house\w*|told|look whether|by the clock|tells?)\b/
            .ignoresCase()
    }

    /// The verbs that a help text lists, each as the words of its command line.
    private func verbs(in help: String, below words: [String] = []) -> [[String]] {
        help.split(separator: "\n").drop { !$0.hasSuffix("SUBCOMMANDS:") }
            .compactMap { $0.firstMatch(of: /^  ([a-z]+) +\S/).map { words + [String($0.1)] } }
    }

    @Test func `the help lists every verb and the exit statuses`() async throws {
        try await MiniForge.with { forge in
            let help = try await forge.start(bare: ["--help"]).end().expect(0)
            let groups = help.output.matches(of: /(?m)^(.+): SUBCOMMANDS:$/).map { String($0.1) }
            #expect(groups == ["INSPECT AND PLAN", "BUILD AND SEARCH", "RESULTS", "DECISIONS", "MAINTENANCE"])
            #expect(verbs(in: help.output).count == 23)
            for line in [
                "0    fine", "1    the canary found breakage", "2    the input is wrong", "3    ", "130  interrupted",
            ] {
                #expect(help.output.contains(line), "\(line)")
            }
            #expect(help.errors.isEmpty)
            let version = try await forge.start(bare: ["--version"]).end().expect(0)
            #expect(version.output.contains(/^\d+\.\d+\.\d+\n$/))
            let none = try await forge.start(bare: []).end()
            #expect(none.output.contains("canary check") || none.errors.contains("canary check"))
        }
    }

    @Test func `the help of every verb explains all options in plain words and short lines`() async throws {
        try await MiniForge.with { forge in
            var open: [[String]] = [[]]
            while let verb = open.popLast() {
                let help = try await forge.start(bare: ["help"] + verb).end().expect(0).output
                #expect(try await forge.start(bare: verb + ["--help"]).end().expect(0).output == help)
                open += verbs(in: help, below: verb)
                let words = help.replacing(/`[^`]*`/, with: "").matches(of: privateWords).map(\.output)
                #expect(words == [], "\(verb)")
                let lines = help.split(separator: "\n", omittingEmptySubsequences: false)
                let long = lines.filter { $0.count > 80 && !$0.hasPrefix("USAGE: ") }
                #expect(long == [], "\(verb)")
                for (index, line) in lines.enumerated() where line.hasPrefix("  -") {
                    let isExplained =
                        line.contains(/^  -\S.*\S {2,}\S/) || lines[index + 1].hasPrefix("                          ")
                    #expect(isExplained, "\(verb): \(line)")
                }
            }
        }
    }

    @Test(arguments: [
        ["fly"], ["run", "--nowhere"], ["run", "--lane"], ["run", "--runtime", "vm"], ["history", "--limit", "0"],
        ["history", "--limit", "many"], ["show"], ["log"], ["reproduce"], ["replay"], ["graph", "--format", "png"],
        ["run", "--at", "base"],
        ["backup"], ["restore"], ["doctor", "--seed", "1"], ["doctor", "--self-test", "--seed", "x"],
        ["run", "--source", "=x"], ["run", "--until", "lunch"],
    ])
    func `wrong usage ends with 2 and says what is wrong`(words: [String]) async throws {
        try await MiniForge.with { forge in
            try forge.project("base")
            let ended = try await forge.start(bare: words).end().expect(2)
            #expect(ended.output.isEmpty && ended.errors.lowercased().contains("error: "), "\(ended.errors)")
        }
    }
}
