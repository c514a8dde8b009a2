// SPDX-License-Identifier: Apache-2.0

import CanaryTestSupport
import Foundation
import Testing

@Suite("bisect upstream: what is no proof") struct BisectUpstreamBranchesTests {
    /// A project `base`, and `top` that needs a word which `base` installs and stumbles over another.
    private func projects(_ forge: MiniForge) throws -> TestRepository {
        let base = try forge.project("base")
        let script = """
            H="$CANARY_UPSTREAM_BASE/include/base.h"
            if grep -q hidden "$H"; then echo "a.c:1:1: error: hidden by another thing"; exit 1; fi
            grep -q keep "$H" || { echo "a.c:9:1: error: it is gone"; exit 1; }
            \(MiniForge.installs)

            """
        try forge.project("top", on: ["base"], files: ["build.sh": script])
        return base
    }

    private func bisect(_ forge: MiniForge, _ words: String..., expecting status: Int) async throws -> JSON {
        try await forge.start(
            bare: ["bisect", "upstream", "--json", "--stack", forge.manifests, "--state", forge.state, "top"] + words
        ).end().expect(status).document()
    }

    @Test func `a commit that fails with another error is not named alone`() async throws {
        try await MiniForge.with { forge in
            let base = try projects(forge)
            try await forge.run()
            let commits = (1...6).map { number in
                let word = number < 3 ? "keep" : number < 5 ? "hidden" : "gone"
                return base.commit(["api.h": "\(word) \(number)\n"], at: 1_700_000_000 + 60 * number)
            }
            try await forge.run(expecting: 1)
            let found = try await bisect(forge, expecting: 0)
            #expect(found["result"] == "set" && found["culprit"] == nil)
            #expect(found["candidates"].all("revision").contains(commits[2]))
        }
    }

    @Test func `a good release on a branch of its own is built when the merge base fails`() async throws {
        try await MiniForge.with { forge in
            let base = try projects(forge)
            let first = base.commit(["api.h": "gone 1\n"], at: 1_700_000_100)
            let fixed = base.commit(["api.h": "keep 2\n"], on: "release", from: first, at: 1_700_000_200)
            base.tag("v1.0.1", at: fixed)
            for number in 3...5 { base.commit(["api.h": "gone \(number)\n"], at: 1_700_000_200 + 60 * number) }
            let found = try await bisect(forge, "--upstream", "base", "--good", "v1.0.1", expecting: 1)
            #expect(found["result"] == "notMonotone")
            #expect(found["badBase"]["revision"] == .text(first) && found["badBase"]["good"] == .text(fixed))
        }
    }
}
