// SPDX-License-Identifier: Apache-2.0

import Testing

@Suite("help")
struct HelpTests {
    private static let verbs = [
        "check", "graph", "plan", "run", "try", "bisect", "status", "history", "show", "log", "reproduce", "replay",
        "gc", "backup", "restore", "doctor",
    ]

    @Test func `every verb is reachable from the help, which shows the exit statuses`() async throws {
        try await MiniForge.with { forge in
            let help = try await forge.start(bare: ["--help"]).end().expect(0)
            let lines = help.output.split(separator: "\n")
            let listed = lines.compactMap { $0.split(separator: " ").first.map(String.init) }
            for verb in Self.verbs { #expect(listed.contains(verb), "\(verb)") }
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

    @Test(arguments: [["bisect", "command"], ["bisect", "upstream"]])
    func `every option of a verb below a verb has a help text`(
        words: [String]
    ) async throws {
        try await MiniForge.with { forge in
            let help = try await forge.start(bare: words + ["--help"]).end().expect(0)
            let lines = help.output.split(separator: "\n", omittingEmptySubsequences: false)
            for (index, line) in lines.enumerated() where line.hasPrefix("  -") {
                let isExplained =
                    line.contains(/^  -\S.*\S {2,}\S/) || lines[index + 1].hasPrefix("                          ")
                #expect(isExplained, "\(words): \(line)")
            }
        }
    }

    @Test(arguments: verbs) func `every option has a help text`(verb: String) async throws {
        try await MiniForge.with { forge in
            let help = try await forge.start(bare: ["help", verb]).end().expect(0)
            let same = try await forge.start(bare: [verb, "--help"]).end().expect(0)
            #expect(help.output == same.output)
            let lines = help.output.split(separator: "\n", omittingEmptySubsequences: false)
            for (index, line) in lines.enumerated() where line.hasPrefix("  -") {
                let isExplained =
                    line.contains(/^  -\S.*\S {2,}\S/) || lines[index + 1].hasPrefix("                          ")
                #expect(isExplained, "\(verb): \(line)")
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
            try await forge.project("base")
            let ended = try await forge.start(bare: words).end().expect(2)
            #expect(ended.output.isEmpty && ended.errors.lowercased().contains("error: "), "\(ended.errors)")
        }
    }
}
