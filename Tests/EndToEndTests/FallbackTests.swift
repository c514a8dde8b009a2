// SPDX-License-Identifier: Apache-2.0

import Testing

@Suite("red upstreams")
struct FallbackTests {
    private static let red = "echo 'error: red'; exit 1\n"

    @Test func `a downstream of a red upstream is built on its last known good, which is evidence`() async throws {
        try await MiniForge.with { forge in
            let base = try await forge.project("base")
            let left = try await forge.project("left", on: ["base"])
            try await forge.run()
            let good = try await base.head()
            try await base.commit(["build.sh": Self.red])
            try await left.commit(["api.h": "keep 2\n"])
            let run = try await forge.run(expecting: 1)
            let job = run.job("left@local/head")
            #expect(job["result"] == "passed" && job["action"] == "build")
            #expect(job["redUpstreams"] == ["base"] && job["fallback"] == ["base": .text(good)])
            #expect(job["upstreams"] == ["base": .text(good)])
            let known = try await forge.document("status").job("left@local/head")["lastKnownGood"]
            #expect(known["snapshot"]["revisions"] == ["base": .text(good), "left": .text(try await left.head())])
        }
    }

    @Test func `a pass on a fallback closes no episode`() async throws {
        try await MiniForge.with { forge in
            let base = try await forge.project("base")
            let left = try await forge.project("left", on: ["base"])
            try await forge.run()
            try await left.commit(["build.sh": Self.red])
            try await forge.run(expecting: 1)
            try await base.commit(["build.sh": Self.red])
            try await left.commit(["build.sh": MiniForge.installs])
            let run = try await forge.run(expecting: 1)
            let job = run.job("left@local/head")
            #expect(job["result"] == "passed" && job["verdict"] == "suspected" && job["fallback"].fields.count == 1)
            #expect(job["attempts"].all("purpose") == ["first"], "nothing to confirm")
        }
    }

    @Test func `without a last known good a downstream is blocked, and so is what stands on it`() async throws {
        try await MiniForge.with { forge in
            try await forge.project("base", files: ["build.sh": Self.red])
            try await forge.project("left", on: ["base"])
            try await forge.project("top", on: ["left"])
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

    @Test func `the stack may forbid fallbacks`() async throws {
        try await MiniForge.with { forge in
            try forge.stack("fallback: none")
            let base = try await forge.project("base")
            try await forge.project("left", on: ["base"])
            try await forge.run()
            try await base.commit(["build.sh": Self.red])
            let job = try await forge.run(expecting: 1).job("left@local/head")
            #expect(job["result"] == "blocked" && job["fallback"] == [:] && job["verdict"] == "passing")
        }
    }

    @Test func `a red optional upstream without a last known good is left out, and named`() async throws {
        try await MiniForge.with { forge in
            try await forge.project("base", files: ["build.sh": Self.red])
            try await forge.project(
                "left", files: ["build.sh": "test -z \"${CANARY_UPSTREAM_BASE-}\"\n\(MiniForge.installs)\n"],
                "upstreams: [{project: base, optional: true}]")
            let job = try await forge.run(expecting: 1).job("left@local/head")
            #expect(job["result"] == "passed" && job["redUpstreams"] == ["base"])
            #expect(job["upstreams"] == [:] && job["fallback"] == [:])
        }
    }

    @Test func `a last known good brings along what it was built on`() async throws {
        try await MiniForge.with { forge in
            let base = try await forge.project("base")
            let mid = try await forge.project("mid", on: ["base"])
            let check = "grep -q 'keep base' \"$CANARY_UPSTREAM_BASE/include/base.h\"\n\(MiniForge.installs)\n"
            try await forge.project("top", files: ["build.sh": check], "upstreams: [mid, base]")
            try await forge.run()
            let (oldBase, oldMid) = (try await base.head(), try await mid.head())
            try await base.commit(["api.h": "gone\n"])
            let run = try await forge.run(expecting: 1)
            #expect(run.job("mid@local/head")["result"] == "failed")
            let top = run.job("top@local/head")
            #expect(top["upstreams"] == ["base": .text(oldBase), "mid": .text(oldMid)], "one revision of each project")
            #expect(top["result"] == "passed" && top["action"] == "reuse" && top["fallback"] == ["mid": .text(oldMid)])
        }
    }

    @Test func `an upstream that infrastructure spoiled is stood in for as well`() async throws {
        try await MiniForge.with { forge in
            let base = try await forge.project("base")
            let left = try await forge.project("left", on: ["base"])
            try await forge.run()
            try await base.commit(["build.sh": "no-such-tool\n"])
            try await left.commit(["api.h": "keep 2\n"])
            let run = try await forge.run(expecting: 3)
            #expect(
                run.job("base@local/head")["result"] == "error" && run.job("base@local/head")["verdict"] == "passing")
            let job = run.job("left@local/head")
            #expect(job["result"] == "passed" && job["redUpstreams"] == ["base"] && job["attempts"].items.count == 1)
        }
    }

    @Test func `a held upstream is stood in for, and its job is skipped`() async throws {
        try await MiniForge.with { forge in
            let base = try await forge.project("base")
            try await forge.project("left", on: ["base"])
            try await forge.run()
            let good = try await base.head()
            try await base.commit(["api.h": "gone\n"])
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
