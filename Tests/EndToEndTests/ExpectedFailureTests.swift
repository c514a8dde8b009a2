// SPDX-License-Identifier: Apache-2.0

import CanaryTestSupport
import Testing

@Suite("expected failures, and failures of one cause")
struct ExpectedFailureTests {
    private static let issue = "https://forge.invalid/left/issues/7"

    private static func declared(match: String) -> String {
        "expected-failures: [{issue: \(issue), reason: known, until: 2999-01-31, match: \"\(match)\"}]"
    }

    @Test func `an expected failure is not reported, changes no verdict and exits with 0`() async throws {
        try await MiniForge.with { forge in
            let base = try forge.project("base")
            try forge.project("left", on: ["base"], Self.declared(match: "'keep' was not"))
            try await forge.run()
            base.commit(["api.h": "gone\n"])
            let run = try await forge.run()
            let left = run.job("left@local/head")
            #expect(left["result"] == "failed" && left["verdict"] == "passing")
            #expect(left["expectedFailure"] == .text(Self.issue))
            #expect(run["transitions"] == [] && run["wouldTell"] == [])
            let status = try await forge.document("status")
            #expect(status.job("left@local/head")["expectedFailure"] == .text(Self.issue))
            #expect(status.job("base@local/head")["expectedFailure"] == nil)
            let text = try await forge.canary("show", try #require(run["run"].text)).output
            #expect(text.contains("left@local/head failed as expected in build") && text.contains(Self.issue))
        }
    }

    @Test func `a different error than the expected one is reported`() async throws {
        try await MiniForge.with { forge in
            let base = try forge.project("base")
            try forge.project("left", on: ["base"], Self.declared(match: "undefined reference"))
            try await forge.run()
            base.commit(["api.h": "gone\n"])
            let run = try await forge.run(expecting: 1)
            let left = run.job("left@local/head")
            #expect(left["verdict"] == "suspected" && left["expectedFailure"] == nil)
        }
    }

    @Test func `a pass is reported although a failure is expected`() async throws {
        try await MiniForge.with { forge in
            try forge.project("left", Self.declared(match: "any"))
            let run = try await forge.run()
            #expect(run.job("left@local/head")["expectedFailure"] == .text(Self.issue))
            let text = try await forge.canary("show", try #require(run["run"].text)).output
            #expect(text.contains("left@local/head passed, although a failure is expected: \(Self.issue)"), "\(text)")
        }
    }

    @Test func `an expected failure that has expired no longer counts, and check says so`() async throws {
        try await MiniForge.with { forge in
            let base = try forge.project("base")
            let ended = "expected-failures: [{issue: \(Self.issue), reason: known, until: 2020-01-31}]"
            try forge.project("left", on: ["base"], ended)
            try await forge.run()
            base.commit(["api.h": "gone\n"])
            #expect(try await forge.run(expecting: 1).job("left@local/head")["verdict"] == "suspected")
            let check = try await forge.canary("check")
            #expect(check.errors.contains("the expected failure ended on 2020-01-31"), "\(check.errors)")
        }
    }

    @Test func `failures of one cause are reported once, with all their jobs`() async throws {
        try await MiniForge.with { forge in
            let tool = "sh -eu \"$CANARY_SOURCE/build.sh\""
            let breaks = ["build.sh": "echo \"$CANARY_SOURCE/same.c:3:1: error: 'gone' was not declared\"; exit 1\n"]
            for name in ["one", "two"] {
                try forge.project(name, files: breaks, "stages: [{stage: build, run: '\(tool)'}]")
            }
            let run = try await forge.run(expecting: 1)
            #expect(Set(run["jobs"].all("fingerprint")).count == 1)
            let text = try await forge.canary("show", try #require(run["run"].text)).output
            #expect(text.contains("  the same in two@local/head"), "\(text)")
            #expect(text.split(separator: "was not declared", omittingEmptySubsequences: false).count == 2)
        }
    }
}
