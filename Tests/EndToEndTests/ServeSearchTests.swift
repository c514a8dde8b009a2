// SPDX-License-Identifier: Apache-2.0

import CanaryTestSupport
import Foundation
import Testing

@Suite("searches of serve")
struct ServeSearchTests {
    private static let job = "top@local/head"

    /// A stack whose `top` takes `seconds` to build; it fails from the fifth of six new commits of `base` on.
    private func grow(_ forge: MiniForge, seconds: Double) async throws -> [String] {
        let base = try forge.project("base")
        let script = """
            sleep \(seconds)
            grep -q keep "$CANARY_UPSTREAM_BASE/include/base.h" || { echo "error: it is gone"; exit 1; }
            \(MiniForge.installs)

            """
        try forge.project("top", on: ["base"], files: ["build.sh": script])
        try await forge.run()
        return (1...6).map { base.commit(["api.h": "\($0 < 5 ? "keep" : "gone") \($0)\n"]) }
    }

    @Test func `polls that are quicker than a build neither end a search nor break off a probe`() async throws {
        try await MiniForge.with { forge in
            try forge.stack("schedule: null", "poll: 1s", "limits: {jobs: 1, probes: 100}")
            let commits = try await grow(forge, seconds: 1.5)
            try await Site.with(forge) { (site: Site) async throws in
                try await site.until("the commit is found") {
                    let episode = try await site.document("/status.json").job(Self.job)["episode"]
                    return episode["culprit"]["revision"] == .text(commits[4])
                }
            }
            let runs = try await forge.document("history")["runs"].items
            #expect(runs.allSatisfy { $0["state"] == "finished" }, "\(runs)")
        }
    }

    @Test func `a run that is asked for during a search waits for one build at most`() async throws {
        try await MiniForge.with { forge in
            try forge.stack("schedule: null", "poll: 1s", "limits: {jobs: 1, probes: 100}")
            let commits = try await grow(forge, seconds: 1)
            try await Site.with(forge) { (site: Site) async throws in
                try await site.until("a probe runs") {
                    try await forge.document("history")["runs"].items.contains { $0["trigger"] == "probe" }
                }
                let id = try await site.ask(#"{"kind": "run", "projects": ["base"], "variants": [], "lanes": []}"#)
                let request = try await site.request(id, is: "finished")
                let run = try #require(request["run"].text)
                let probes = try await forge.document("history")["runs"].items.filter { $0["trigger"] == "probe" }
                let asked = try #require(request["askedAt"].text)
                let between = probes.filter { ($0["startedAt"].text ?? "") > asked }
                #expect(between.count <= 1, "\(run): \(between)")
                try await site.until("the commit is found") {
                    let episode = try await site.document("/status.json").job(Self.job)["episode"]
                    return episode["culprit"]["revision"] == .text(commits[4])
                }
            }
        }
    }

    @Test func `bisect upstream and try beside a daemon become requests, and are followed`() async throws {
        try await MiniForge.with { forge in
            try forge.stack("schedule: null", "poll: 30d", "limits: {probes: 0}")
            let base = try forge.project("base")
            try forge.project("top", on: ["base"])
            try await forge.run()
            let good = base.head()
            base.commit(["api.h": "gone\n"], on: "breaks", from: good)
            base.commit(["api.h": "keep 2\n"])
            let culprit = base.commit(["api.h": "gone\n"])
            try await Site.with(forge) { (_: Site) async throws in
                try await forge.run(expecting: 1)
                let found = try await forge.canary("bisect", "upstream", "top", "--json").expect(0).document()
                #expect(found["culprit"]["revision"] == .text(culprit))
                let status = try await forge.document("status").job(Self.job)
                #expect(status["episode"]["culprit"]["revision"] == .text(culprit))
                let tried = try await forge.canary("try", "base=breaks", "--json").expect(1).document()
                #expect(tried["answers"].all("answer").contains("yours"))
                let refused = try await forge.canary("bisect", "upstream", "base", "--good", good, "--bad", good)
                refused.expect(2)
                #expect(refused.errors.contains("the same commit"), "\(refused.errors)")
                let id = try await forge.canary("try", "base=breaks", "--detach").expect(0).output
                #expect(id.hasPrefix("q"))
            }
        }
    }
}
