// SPDX-License-Identifier: Apache-2.0

import CanaryTestSupport
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

    @Test func `a change that breaks its downstreams is yours, another one is fine`() async throws {
        try await MiniForge.with { forge in
            let base = try forge.project("base")
            try forge.project("top", on: ["base"])
            try forge.project("aside")
            try await forge.run()
            let head = base.head()
            base.commit(["api.h": "gone\n"], on: "breaks", from: head)
            base.commit(["api.h": "keep better\n"], on: "mends", from: head)
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

    @Test func `what was broken before is not yours, and what does not build blocks its downstreams`() async throws {
        try await MiniForge.with { forge in
            let base = try forge.project("base")
            try forge.project("top", on: ["base"])
            try await forge.run()
            let good = base.head()
            let broken = base.commit(["api.h": "gone\n"])
            base.commit(["api.h": "gone for good\n"], on: "later", from: broken)
            #expect(try await answers(forge, "base=later", expecting: 0)["top@local/head"] == "pre-existing")
            base.commit(["build.sh": "exit 1\n"], on: "torn", from: good)
            #expect(
                try await answers(forge, "base=torn", expecting: 1)
                    == ["base@local/head": "yours", "top@local/head": "untestable"])
        }
    }

    @Test func `a change can be in another repository`() async throws {
        try await MiniForge.with { forge in
            let base = try forge.project("base")
            try forge.project("top", on: ["base"])
            try await forge.run()
            forge.git("clone", "--quiet", "--bare", base.path, "\(forge.root)/forge/fork.git")
            let fork = TestRepository(at: "\(forge.root)/forge/fork.git")
            fork.commit(["api.h": "gone\n"], on: "mine", from: base.head())
            let found = try await answers(
                forge, "base=mine", "--source", "base=\(fork.path)", expecting: 1)
            #expect(found["top@local/head"] == "yours")
            try await forge.canary("try", "base=mine").expect(2)
        }
    }

    @Test func `what a manifest ignores does not come from a change into builds of the branch`() async throws {
        try await MiniForge.with { forge in
            let build = """
                \(MiniForge.installs)
                if [ -e docs/hook ]; then . ./docs/hook; fi

                """
            let base = try forge.project("base", files: ["build.sh": build], "ignore: [\"docs/**\"]")
            try await forge.run()
            let head = base.head()
            base.commit(["f": "2", "docs/hook": "echo planted >\"$CANARY_PREFIX/planted\"\n"], on: "mine", from: head)
            #expect(try await answers(forge, "base=mine", expecting: 0)["base@local/head"] == "fine")
            base.commit(["f": "2"])
            let job = try await forge.run().job("base@local/head")
            #expect(job["action"] == "build" && job["result"] == "passed")
            let folder = "\(forge.state)/prefixes/base/\(job["key"].text ?? "")"
            #expect(!FileManager.default.fileExists(atPath: "\(folder)/planted"))
        }
    }

    @Test func `flakes and infrastructure are not mistaken for changes`() async throws {
        try await MiniForge.with { forge in
            let base = try forge.project("base")
            try forge.project("never", on: ["base"], files: ["build.sh": "exit 1\n"])
            try await forge.run(expecting: 1)
            let head = base.head()
            let flaky = "if mkdir '\(forge.root)/once'; then exit 1; fi\n\(MiniForge.installs)\n"
            base.commit(["build.sh": flaky], on: "flaky", from: head)
            #expect(
                try await answers(forge, "base=flaky", expecting: 0)
                    == ["base@local/head": "flaky", "never@local/head": "untestable"])
            base.commit(["build.sh": "no-such-tool\n"], on: "toolless", from: head)
            #expect(try await answers(forge, "base=toolless", expecting: 3)["base@local/head"] == "infrastructure")
        }
    }

    @Test(arguments: [["nobody=main"], ["base=no-such-ref"], ["base"], ["base=main", "base=main"]])
    func `changes that do not exist are refused`(words: [String]) async throws {
        try await MiniForge.with { forge in
            try forge.project("base")
            let ended = try await forge.start(
                bare: ["try", "--stack", forge.manifests, "--state", forge.state] + words
            ).end().expect(2)
            #expect(ended.errors.contains("error: ") && ended.output.isEmpty)
        }
    }
}
