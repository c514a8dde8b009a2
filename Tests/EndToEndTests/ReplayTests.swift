// SPDX-License-Identifier: Apache-2.0

import CanaryTestSupport
import Foundation
import Testing

@Suite("replay")
struct ReplayTests {
    /// usd and osl pass at hour 0, fail from hour 1 to 20 on a new oiio, and pass again at 21; one flake before.
    private static let trace = ["usd", "osl"].map { project in
        (0...21).map { hour in
            let isRed = (1...20).contains(hour)
            let upstream = hour == 0 ? "a" : hour == 21 ? "c" : "b"
            return """
                {"at": "2026-01-0\(1 + hour / 24)T\(hour < 10 ? "0" : "")\(hour):00:00Z", "job": "\(project)@v/head", \
                "head": "h\(hour)", "upstreams": {"oiio": "\(upstream)"}, "attempts": ["\(isRed ? "F" : "P")"], \
                "control": ["P"]}
                """
        }.joined(separator: "\n")
    }.joined(separator: "\n")

    private static let flake =
        #"{"at":"2025-12-31T23:00:00Z","job":"usd@v/head","head":"h","attempts":["F","P"],"control":["P"]}"#

    private static let sent: JSON = [
        message("2025-12-31T23:00:00Z", "flaky", ["usd"], nil),
        message("2026-01-01T01:00:00Z", "suspected", ["osl"], "oiio"),
        message("2026-01-01T01:00:00Z", "suspected", ["usd"], "oiio"),
        message("2026-01-01T19:00:00Z", "page", ["osl", "usd"], "oiio"),
        message("2026-01-01T21:00:00Z", "recovered", ["osl", "usd"], "oiio"),
    ]

    private static func message(_ at: String, _ kind: String, _ projects: [String], _ upstream: String?) -> JSON {
        [
            "at": .text(at), "kind": .text(kind), "job": "\(projects[0])@v/head",
            "jobs": .list(projects.map { "\($0)@v/head" }), "upstream": upstream.map(JSON.text) ?? .null,
        ]
    }

    @Test func `a trace without a stack shows which notices would have been sent`() async throws {
        try await MiniForge.with { forge in
            try forge.write("trace.jsonl", "\(Self.trace)\n\n\(Self.flake)\n")
            try FileManager.default.removeItem(atPath: forge.manifests)
            let path = "\(forge.root)/trace.jsonl"
            let document = try await forge.canary("replay", path, "--json").expect(0).document()
            #expect(document["messages"] == Self.sent)
            // A flake and its rerun; per job 1 pass, 19 failures with a rerun, the control, 1 broken, 2 to recover.
            #expect(document["attempts"] == 88)
            let text = try await forge.canary("replay", path).expect(0)
            #expect(
                text.output == """
                    AT                    NOTICE     ABOUT  JOBS
                    2025-12-31T23:00:00Z  flaky      usd    usd@v/head
                    2026-01-01T01:00:00Z  suspected  oiio   osl@v/head
                    2026-01-01T01:00:00Z  suspected  oiio   usd@v/head
                    2026-01-01T19:00:00Z  page       oiio   osl@v/head usd@v/head
                    2026-01-01T21:00:00Z  recovered  oiio   osl@v/head usd@v/head

                    5 notices, 88 attempts

                    """)
            #expect(text.errors == "no stack in `\(forge.manifests)`: using the default policy\n")
            #expect(!forge.exists("state"))
        }
    }

    @Test func `the policy of the stack applies, and the common options are accepted`() async throws {
        try await MiniForge.with { forge in
            try forge.project("base")
            try forge.stack("policy: {page-after: {age: 2h, heads: 3}}")
            try forge.write("trace.jsonl", Self.trace)
            let ended = try await forge.canary(
                "replay", "\(forge.root)/trace.jsonl", "--json", "--quiet", "--verbose", "--runtime", "process", "--at",
                "base=main", "--source", "base=/nowhere")
            let messages = try ended.expect(0).document()["messages"].items
            #expect(messages.first { $0["kind"] == "page" }?["at"] == "2026-01-01T03:00:00Z")
            try forge.stack("policy: {page-after: {age: 2h, haeds: 3}}")
            let bad = try await forge.canary("replay", "\(forge.root)/trace.jsonl").expect(2)
            #expect(bad.errors.contains("`haeds`") && bad.output.isEmpty)
        }
    }

    @Test func `the schedule of the stack is the cadence`() async throws {
        try await MiniForge.with { forge in
            try forge.project("base")
            try forge.stack(#"schedule: "0 3 * * *""#)
            try forge.write("trace.jsonl", Self.trace)
            let document = try await forge.canary("replay", "\(forge.root)/trace.jsonl", "--json").expect(0).document()
            let page = document["messages"].items.first { $0["kind"] == "page" }
            #expect(page?["at"] == "2026-01-01T13:00:00Z")
        }
    }

    @Test func `all problems of a trace are reported with their lines`() async throws {
        try await MiniForge.with { forge in
            let path = "\(forge.root)/trace.jsonl"
            try forge.write(
                "trace.jsonl", "\(Self.flake)\n{\"at\": \n\n\(Self.flake.replacing("usd@v/head", with: "usd"))\n{}\n")
            for words in [["replay", path], ["replay", path, "--json"]] {
                let ended = try await forge.start(bare: words).end().expect(2)
                #expect(ended.output.isEmpty)
                let lines = ended.errors.split(separator: "\n")
                #expect(lines.count == 6, "\(ended.errors)")
                #expect(
                    lines.first?.hasPrefix("\(path):2: error: expected a JSON object, found text that is not JSON")
                        == true)
                #expect(lines.contains { $0.hasPrefix("\(path):4: error: `job`: expected ") })
                #expect(lines.count { $0.hasPrefix("\(path):5: error: ") } == 4)
            }
        }
    }

    @Test func `an unreadable trace is an input error`() async throws {
        try await MiniForge.with { forge in
            for path in ["\(forge.root)/none.jsonl", forge.root] {
                let ended = try await forge.canary("replay", path).expect(2)
                #expect(ended.errors.contains("error: cannot read the trace `\(path)`") && ended.output.isEmpty)
            }
            let empty = try await forge.canary("replay", "/dev/null", "--json").expect(0).document()
            #expect(empty["messages"] == [] && empty["attempts"] == 0)
            #expect(try await forge.canary("replay", "-").expect(0).output == "0 notices, 0 attempts\n")
        }
    }

    @Test func `history can be replayed`() async throws {
        try await MiniForge.with { forge in
            let base = try forge.project("base")
            #expect(try await forge.canary("replay", "--history").expect(0).output == "0 notices, 0 attempts\n")
            try await forge.run()
            base.commit(["build.sh": "echo 'a.c:1: error: no'; exit 1\n"])
            try await forge.run(expecting: 1)
            base.commit(["build.sh": "mkdir -p \"$CANARY_PREFIX\"\n"])
            try await forge.run()
            let replayed = try await forge.document("replay", "--history")
            #expect(replayed["messages"].all("kind") == ["suspected", "healed"])
            #expect(replayed["attempts"] == 5, "a pass, a failure twice, a pass twice")
        }
    }

    @Test func `a trace and history at once, or neither, is wrong usage`() async throws {
        try await MiniForge.with { forge in
            for words in [["replay"], ["replay", "-", "--history"]] {
                let ended = try await forge.start(bare: words).end().expect(2)
                #expect(ended.errors.contains("expected a trace, or `--history`"))
            }
        }
    }
}
