// SPDX-License-Identifier: Apache-2.0

import CanaryTestSupport
import Testing

@Suite("red upstreams")
struct FallbackTests {
    private static let red = "echo 'error: red'; exit 1\n"

    @Test func `a downstream of a red upstream is built on the last known good of that, which is evidence`()
        async throws
    {
        try await MiniForge.with { forge in
            let base = try forge.project("base")
            let left = try forge.project("left", on: ["base"])
            try await forge.run()
            let good = base.head()
            base.commit(["build.sh": Self.red])
            left.commit(["api.h": "keep 2\n"])
            let run = try await forge.run(expecting: 1)
            let job = run.job("left@local/head")
            #expect(job["result"] == "passed" && job["action"] == "build")
            #expect(job["redUpstreams"] == ["base"] && job["fallback"] == ["base": .text(good)])
            #expect(job["upstreams"] == ["base": .text(good)])
            let known = try await forge.document("status").job("left@local/head")["lastKnownGood"]
            #expect(known["snapshot"]["revisions"] == ["base": .text(good), "left": .text(left.head())])
        }
    }

    @Test func `a pass on a fallback closes no episode`() async throws {
        try await MiniForge.with { forge in
            let base = try forge.project("base")
            let left = try forge.project("left", on: ["base"])
            try await forge.run()
            left.commit(["build.sh": Self.red])
            try await forge.run(expecting: 1)
            base.commit(["build.sh": Self.red])
            left.commit(["build.sh": MiniForge.installs])
            let run = try await forge.run(expecting: 1)
            let job = run.job("left@local/head")
            #expect(job["result"] == "passed" && job["verdict"] == "suspected" && job["fallback"].fields.count == 1)
            #expect(job["attempts"].all("purpose") == ["first"], "nothing to confirm")
        }
    }

    @Test func `without a last known good a downstream is blocked, and so are its own downstreams`() async throws {
        try await MiniForge.with { forge in
            try forge.project("base", files: ["build.sh": Self.red])
            try forge.project("left", on: ["base"])
            try forge.project("top", on: ["left"])
            let run = try await forge.run(expecting: 1)
            for name in ["left@local/head", "top@local/head"] {
                let job = run.job(name)
                #expect(job["action"] == "blocked" && job["result"] == "blocked" && job["attempts"] == [])
                #expect(job["reason"]["code"] == "upstream-red" && job["verdict"] == "unknown" && job["key"] == nil)
                #expect(job["fault"] == nil && job["reasonCode"] == nil && job["firstError"] == nil)
            }
            #expect(run.job("left@local/head")["redUpstreams"] == ["base"])
            let again = try await forge.run(expecting: 1)
            #expect(again.job("left@local/head")["action"] == "blocked")
        }
    }

    @Test func `a stack can forbid fallbacks`() async throws {
        try await MiniForge.with { forge in
            try forge.stack("fallback: none")
            let base = try forge.project("base")
            try forge.project("left", on: ["base"])
            try await forge.run()
            base.commit(["build.sh": Self.red])
            let job = try await forge.run(expecting: 1).job("left@local/head")
            #expect(job["result"] == "blocked" && job["fallback"] == [:] && job["verdict"] == "passing")
        }
    }

    @Test func `a red optional upstream without a last known good is left out, and named`() async throws {
        try await MiniForge.with { forge in
            try forge.project("base", files: ["build.sh": Self.red])
            try forge.project(
                "left", files: ["build.sh": "test -z \"${CANARY_UPSTREAM_BASE-}\"\n\(MiniForge.installs)\n"],
                "upstreams: [{project: base, optional: true}]")
            let job = try await forge.run(expecting: 1).job("left@local/head")
            #expect(job["result"] == "passed" && job["redUpstreams"] == ["base"])
            #expect(job["upstreams"] == [:] && job["fallback"] == [:])
        }
    }

    @Test func `a last known good is used with the upstreams it was built on`() async throws {
        try await MiniForge.with { forge in
            let base = try forge.project("base")
            let mid = try forge.project("mid", on: ["base"])
            let check = "grep -q 'keep base' \"$CANARY_UPSTREAM_BASE/include/base.h\"\n\(MiniForge.installs)\n"
            try forge.project("top", files: ["build.sh": check], "upstreams: [mid, base]")
            try await forge.run()
            let (oldBase, oldMid) = (base.head(), mid.head())
            base.commit(["api.h": "gone\n"])
            let run = try await forge.run(expecting: 1)
            #expect(run.job("mid@local/head")["result"] == "failed")
            let top = run.job("top@local/head")
            #expect(top["upstreams"] == ["base": .text(oldBase), "mid": .text(oldMid)], "one revision of each project")
            #expect(top["result"] == "passed" && top["action"] == "reuse" && top["fallback"] == ["mid": .text(oldMid)])
        }
    }

    @Test func `there is also a fallback for an upstream that failed for infrastructure reasons`() async throws {
        try await MiniForge.with { forge in
            let base = try forge.project("base")
            let left = try forge.project("left", on: ["base"])
            try await forge.run()
            base.commit(["build.sh": "no-such-tool\n"])
            left.commit(["api.h": "keep 2\n"])
            let run = try await forge.run(expecting: 3)
            #expect(
                run.job("base@local/head")["result"] == "error" && run.job("base@local/head")["verdict"] == "passing")
            let job = run.job("left@local/head")
            #expect(job["result"] == "passed" && job["redUpstreams"] == ["base"] && job["attempts"].items.count == 1)
        }
    }

    @Test func `there is a fallback for a held upstream, and its job is skipped`() async throws {
        try await MiniForge.with { forge in
            let base = try forge.project("base")
            try forge.project("left", on: ["base"])
            try await forge.run()
            let good = base.head()
            base.commit(["api.h": "gone\n"])
            try forge.manifest("base", ["hold: {until: 2199-01-01, reason: \"waits for #1\"}"])
            let run = try await forge.run()
            let held = run.job("base@local/head")
            #expect(held["action"] == "skip" && held["reason"] == ["code": "held", "detail": "waits for #1"])
            #expect(held["result"] == "skipped" && held["verdict"] == "passing")
            #expect(run.job("left@local/head")["upstreams"] == ["base": .text(good)])
            #expect(try await forge.document("status").job("base@local/head")["held"] == true)
            try forge.manifest("base", ["hold: {until: 2020-01-01, reason: over}"])
            let over = try await forge.run(expecting: 1)
            #expect(over.job("base@local/head")["result"] == "passed")
        }
    }
}
