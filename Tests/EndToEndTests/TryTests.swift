// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@Suite("try")
struct TryTests {
    private func answers(
        _ forge: MiniForge, _ words: String..., expecting status: Int, location: SourceLocation = #_sourceLocation
    ) async throws -> [String: JSON] {
        let words = ["try", "--json", "--stack", forge.manifests, "--state", forge.state] + words
        let document = try await forge.start(bare: words).end(location: location).expect(status, location: location)
            .document(location: location)
        return Dictionary(
            uniqueKeysWithValues: document["answers"].items.map { ($0["job"].text ?? "", $0["answer"]) })
    }

    @Test func `a change that breaks what is below it is yours, one that does not is fine`() async throws {
        try await MiniForge.with { forge in
            let base = try await forge.project("base")
            try await forge.project("top", on: ["base"])
            try await forge.project("aside")
            try await forge.run()
            let head = try await base.head()
            try await base.commit(["api.h": "gone\n"], on: "breaks", from: head)
            try await base.commit(["api.h": "keep better\n"], on: "mends", from: head)
            #expect(
                try await answers(forge, "base=breaks", expecting: 1)
                    == ["base@local/head": "fine", "top@local/head": "yours"])
            #expect(
                try await answers(forge, "base=refs/heads/mends", expecting: 0)
                    == ["base@local/head": "fine", "top@local/head": "fine"])
            let status = try await forge.document("status")
            #expect(status["jobs"].all("verdict") == ["passing", "passing", "passing"], "it moves no verdict")
        }
    }

    @Test func `what was broken before is not yours, and what does not build blocks what is below`() async throws {
        try await MiniForge.with { forge in
            let base = try await forge.project("base")
            try await forge.project("top", on: ["base"])
            try await forge.run()
            let good = try await base.head()
            let broken = try await base.commit(["api.h": "gone\n"])
            try await base.commit(["api.h": "gone for good\n"], on: "later", from: broken)
            #expect(try await answers(forge, "base=later", expecting: 0)["top@local/head"] == "pre-existing")
            try await base.commit(["build.sh": "exit 1\n"], on: "torn", from: good)
            #expect(
                try await answers(forge, "base=torn", expecting: 1)
                    == ["base@local/head": "yours", "top@local/head": "untestable"])
        }
    }

    @Test func `a change may lie in another repository`() async throws {
        try await MiniForge.with { forge in
            let base = try await forge.project("base")
            try await forge.project("top", on: ["base"])
            try await forge.run()
            try await forge.git("clone", "--quiet", "--bare", base.path, "\(forge.root)/forge/fork.git")
            let fork = Origin(forge: forge, path: "\(forge.root)/forge/fork.git")
            try await fork.commit(["api.h": "gone\n"], on: "mine", from: try await base.head())
            let found = try await answers(
                forge, "base=mine", "--source", "base=\(fork.path)", expecting: 1)
            #expect(found["top@local/head"] == "yours")
            try await forge.canary("try", "base=mine").expect(2)
        }
    }

    @Test func `flakes and infrastructure errors are distinguished from changes`() async throws {
        try await MiniForge.with { forge in
            let base = try await forge.project("base")
            try await forge.project("never", on: ["base"], files: ["build.sh": "exit 1\n"])
            try await forge.run(expecting: 1)
            let head = try await base.head()
            let flaky = "if mkdir '\(forge.root)/once'; then exit 1; fi\n\(MiniForge.installs)\n"
            try await base.commit(["build.sh": flaky], on: "flaky", from: head)
            #expect(
                try await answers(forge, "base=flaky", expecting: 0)
                    == ["base@local/head": "flaky", "never@local/head": "untestable"])
            try await base.commit(["build.sh": "kill -9 $$\n"], on: "killed", from: head)
            #expect(try await answers(forge, "base=killed", expecting: 3)["base@local/head"] == "infrastructure")
        }
    }

    @Test(arguments: [["nobody=main"], ["base=no-such-ref"], ["base"], ["base=main", "base=main"]])
    func `what cannot be meant is refused`(words: [String]) async throws {
        try await MiniForge.with { forge in
            try await forge.project("base")
            let ended = try await forge.start(
                bare: ["try", "--stack", forge.manifests, "--state", forge.state] + words
            ).end().expect(2)
            #expect(ended.errors.contains("error: ") && ended.output.isEmpty)
        }
    }
}
