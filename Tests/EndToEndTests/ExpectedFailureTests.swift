// SPDX-License-Identifier: Apache-2.0

import Testing

@Suite("expected failures, and failures of one cause")
struct ExpectedFailureTests {
    private static let issue = "https://forge.invalid/left/issues/7"

    private static func declared(match: String) -> String {
        "expected-failures: [{issue: \(issue), reason: known, until: 2999-01-31, match: \"\(match)\"}]"
    }

    @Test func `a failure that was declared is no news, moves nothing and ends with 0`() async throws {
        try await MiniForge.with { forge in
            let base = try await forge.project("base")
            try await forge.project("left", on: ["base"], Self.declared(match: "'keep' was not"))
            try await forge.run()
            try await base.commit(["api.h": "gone\n"])
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

    @Test func `another error than the declared one is news`() async throws {
        try await MiniForge.with { forge in
            let base = try await forge.project("base")
            try await forge.project("left", on: ["base"], Self.declared(match: "undefined reference"))
            try await forge.run()
            try await base.commit(["api.h": "gone\n"])
            let run = try await forge.run(expecting: 1)
            let left = run.job("left@local/head")
            #expect(left["verdict"] == "suspected" && left["expectedFailure"] == nil)
        }
    }

    @Test func `a pass although a failure is expected is reported`() async throws {
        try await MiniForge.with { forge in
            try await forge.project("left", Self.declared(match: "any"))
            let run = try await forge.run()
            #expect(run.job("left@local/head")["expectedFailure"] == .text(Self.issue))
            let text = try await forge.canary("show", try #require(run["run"].text)).output
            #expect(text.contains("left@local/head passed, against expectation: \(Self.issue)"), "\(text)")
        }
    }

    @Test func `a declaration that has ended counts no more, and check says so`() async throws {
        try await MiniForge.with { forge in
            let base = try await forge.project("base")
            let ended = "expected-failures: [{issue: \(Self.issue), reason: known, until: 2020-01-31}]"
            try await forge.project("left", on: ["base"], ended)
            try await forge.run()
            try await base.commit(["api.h": "gone\n"])
            #expect(try await forge.run(expecting: 1).job("left@local/head")["verdict"] == "suspected")
            let check = try await forge.canary("check")
            #expect(check.errors.contains("the expected failure ended on 2020-01-31"), "\(check.errors)")
        }
    }

    @Test func `failures with one cause make one notice with all their jobs`() async throws {
        try await MiniForge.with { forge in
            let tool = "sh -eu \"$CANARY_SOURCE/build.sh\""
            let breaks = ["build.sh": "echo \"$CANARY_SOURCE/same.c:3:1: error: 'gone' was not declared\"; exit 1\n"]
            for name in ["one", "two"] {
                try await forge.project(name, files: breaks, "stages: [{stage: build, run: '\(tool)'}]")
            }
            let run = try await forge.run(expecting: 1)
            #expect(Set(run["jobs"].all("fingerprint")).count == 1)
            let text = try await forge.canary("show", try #require(run["run"].text)).output
            #expect(text.contains("  the same in two@local/head"), "\(text)")
            #expect(text.split(separator: "was not declared", omittingEmptySubsequences: false).count == 2)
        }
    }
}
