// SPDX-License-Identifier: Apache-2.0

import CanaryTestSupport
import Foundation
import Testing

@Suite("the culprit of an episode")
struct EpisodeCulpritTests {
    private static let job = "top@local/head"

    /// A stack whose `top` has failed since the last of three commits of `base`; that commit.
    private func redden(_ forge: MiniForge) async throws -> (base: TestRepository, culprit: String) {
        let base = try forge.project("base")
        try forge.project("top", on: ["base"])
        try await forge.run()
        base.commit(["api.h": "keep 1\n"])
        base.commit(["api.h": "keep 2\n"])
        return (base, base.commit(["api.h": "gone\n"]))
    }

    private func requireKnown(_ commit: String, in forge: MiniForge) async throws {
        let episode = try await forge.document("status").job(Self.job)["episode"]
        #expect(episode["culprits"] == .list([.text("base@\(commit)")]), "\(episode)")
        #expect(episode["culprit"]["revision"] == .text(commit) && episode["culprit"]["confirmed"] == .bool(false))
        let short = String(commit.prefix(10))
        #expect(try await forge.canary("status").expect(0).output.contains("base \(short)"))
        #expect(try await forge.canary("status", Self.job).expect(0).output.contains("culprit         base \(short)"))
        try await forge.canary("feed", "--out", "\(forge.root)/site").expect(0)
        #expect(contents("\(forge.root)/site/badge/\(Self.job).json").contains("by base \(short)"))
        #expect(contents("\(forge.root)/site/index.html").contains(short))
        #expect(contents("\(forge.root)/site/feed.json").contains(commit))
    }

    @Test func `run --bisect makes it known everywhere, and it is judged runs whose result is the last`() async throws {
        try await MiniForge.with { forge in
            let (_, culprit) = try await redden(forge)
            try await forge.canary("run", "--bisect").expect(1)
            try await requireKnown(culprit, in: forge)
            #expect(try await forge.document("status").job(Self.job)["lastResult"] == "failed")
            let again = try await forge.run("--failed", expecting: 1)
            #expect(again.job(Self.job)["result"] == "failed")
        }
    }

    @Test func `bisect upstream makes it known everywhere`() async throws {
        try await MiniForge.with { forge in
            let (_, culprit) = try await redden(forge)
            try await forge.run(expecting: 1)
            try await forge.canary("bisect", "upstream", "top").expect(0)
            try await requireKnown(culprit, in: forge)
        }
    }

    @Test func `a job that breaks again does not show the commit of the episode before`() async throws {
        try await MiniForge.with { forge in
            let (base, culprit) = try await redden(forge)
            try await forge.canary("run", "--bisect").expect(1)
            base.commit(["api.h": "keep 3\n"])
            try await forge.run()
            base.commit(["api.h": "gone again\n"])
            try await forge.run(expecting: 1)
            let episode = try await forge.document("status").job(Self.job)["episode"]
            #expect(episode["id"].text != nil && episode["culprit"] == .null && episode["culprits"] == .list([]))
            try await forge.canary("feed", "--out", "\(forge.root)/site").expect(0)
            #expect(!contents("\(forge.root)/site/index.html").contains(String(culprit.prefix(10))))
        }
    }
}
