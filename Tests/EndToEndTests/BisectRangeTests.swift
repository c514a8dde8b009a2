// SPDX-License-Identifier: Apache-2.0

import CanaryTestSupport
import Foundation
import Testing

@Suite("bisect: what is searched, and asked again")
struct BisectRangeTests {
    private static let checks = """
        grep -q keep "$CANARY_UPSTREAM_BASE/include/base.h" || { echo "error: it is gone"; exit 1; }
        \(MiniForge.installs)

        """

    @Test func `a command is asked again when the first answer named no commit`() async throws {
        try await MiniForge.with { forge in
            let repository = SearchedRepository(forge, count: 12) { $0 >= 7 ? "bad" : "good" }
            let asks = "test -e '\(forge.root)/tool' && ! grep -q bad state"
            let first = try await repository.search(asks, "--control-wait", "0s", expecting: 1)
            #expect(first["result"] == "environment")
            try forge.write("tool", "")
            let second = try await repository.search(asks, "--control-wait", "0s")
            #expect(second["culprit"]["revision"] == .text(repository.commits[7]))
            #expect(second["search"] != first["search"])
            let third = try await repository.search(asks, "--control-wait", "0s")
            #expect(third["search"] == second["search"], "an answer with a commit is kept")
        }
    }

    @Test func `builds are asked again when the first answer named no commit`() async throws {
        try await MiniForge.with { forge in
            let base = try forge.project("base")
            let script = "test -e '\(forge.root)/tool' || { echo 'error: no tool'; exit 1; }\n\(Self.checks)"
            try forge.project("top", on: ["base"], files: ["build.sh": script])
            let good = base.head()
            base.commit(["api.h": "keep 2\n"])
            let culprit = base.commit(["api.h": "gone\n"])
            base.commit(["api.h": "gone 2\n"])
            let words = ["--upstream", "base", "--good", good, "--control-wait", "0s"]
            let first = try await search(forge, words, expecting: 1)
            #expect(first["result"] == "environment")
            try forge.write("tool", "")
            #expect(try await search(forge, words)["culprit"]["revision"] == .text(culprit))
        }
    }

    @Test func `in lane release upstreams stand at their releases, not at their heads`() async throws {
        try await MiniForge.with { forge in
            try forge.stack("lanes: [release]")
            let base = try forge.project("base", "release-tags: 'v*'")
            let other = try forge.project("other", "release-tags: 'v*'")
            let script = """
                grep -q keep "$CANARY_UPSTREAM_OTHER/include/other.h" || { echo "error: other is gone"; exit 1; }
                \(Self.checks)
                """
            try forge.project("top", on: ["base", "other"], files: ["build.sh": script])
            forge.git("tag", "v1", in: forge.path(of: "other"))
            let good = base.head()
            let culprit = base.commit(["api.h": "gone\n"])
            base.commit(["api.h": "gone 2\n"])
            forge.git("tag", "v2", in: forge.path(of: "base"))
            other.commit(["api.h": "gone\n"])
            let found = try await search(
                forge, ["--lane", "release", "--upstream", "base", "--good", good, "--bad", "v2"])
            #expect(found["culprit"]["revision"] == .text(culprit))
        }
    }

    @Test func `a pinned upstream is searched when it is named, up to its branch head`() async throws {
        try await MiniForge.with { forge in
            let base = try forge.project("base")
            let pin = base.head()
            base.commit(["api.h": "keep 2\n"])
            let culprit = base.commit(["api.h": "gone\n"])
            base.commit(["api.h": "gone 2\n"])
            try forge.project("top", on: ["base"], files: ["build.sh": Self.checks])
            try forge.manifest("top", ["upstreams: [{project: base, at: \"\(pin)\", reason: \"not ready\"}]"])
            try await forge.run()
            #expect(try await search(forge, ["--upstream", "base"])["culprit"]["revision"] == .text(culprit))
        }
    }

    private func search(
        _ forge: MiniForge, _ words: [String], expecting status: Int = 0, location: SourceLocation = #_sourceLocation
    ) async throws -> JSON {
        try await forge.start(
            bare: ["bisect", "upstream", "top", "--json", "--stack", forge.manifests, "--state", forge.state] + words
        ).end(location: location).expect(status, location: location).document(location: location)
    }
}
