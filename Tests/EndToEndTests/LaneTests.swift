// SPDX-License-Identifier: Apache-2.0

import CanaryTestSupport
import Testing

@Suite("lanes, variants, sources")
struct LaneTests {
    @Test func `lanes share a build until the head differs from the release`() async throws {
        try await MiniForge.with { forge in
            try forge.stack("lanes: [head, release]")
            let base = try forge.project("base", "release-tags: \"v*\"")
            try forge.project("left", on: ["base"])
            base.tag("v1.0.0")
            let first = try await forge.run()
            #expect(first["builds"].items.count == 2)
            #expect(first["builds"][1]["jobs"] == ["left@local/head", "left@local/release"])
            #expect(first.job("left@local/head")["key"] == first.job("left@local/release")["key"])
            #expect(first["snapshot"]["releases"]["base"] == .text(base.head()))
            let tagged = base.head()
            base.commit(["api.h": "gone\n"])
            let second = try await forge.run(expecting: 1)
            #expect(second.job("left@local/head")["result"] == "failed")
            let release = second.job("left@local/release")
            #expect(release["result"] == "passed" && release["action"] == "reuse" && release["verdict"] == "passing")
            #expect(release["upstreams"] == ["base": .text(tagged)])
        }
    }

    @Test func `an upstream at its release is a support build; rc, beta and dev are not releases`() async throws {
        try await MiniForge.with { forge in
            try forge.stack("lanes: [release]")
            let base = try forge.project("base", "release-tags: \"v*\"")
            try forge.project("left", on: ["base"])
            for tag in ["v1.9.0", "v1.10.0"] {
                base.commit(["api.h": "keep \(tag)\n"])
                base.tag(tag)
            }
            let release = base.head()
            for tag in ["v2.0.0-rc1", "v2.0-beta2", "v2.0.0-dev", "nightly"] {
                base.commit(["api.h": "gone \(tag)\n"])
                base.tag(tag)
            }
            let plan = try await forge.document("plan")
            #expect(plan["builds"].items.contains { $0["project"] == "base" && $0["jobs"] == [] })
            let run = try await forge.run()
            #expect(run["snapshot"]["releases"]["base"] == .text(release))
            #expect(run.job("base@local/release")["revision"] == .text(base.head()))
            #expect(run.job("left@local/release")["upstreams"] == ["base": .text(release)])
            let support = run["builds"].items.filter { $0["project"] == "base" && $0["jobs"] == [] }
            #expect(support.map { $0["revision"] } == [.text(release)])
        }
    }

    @Test func `a red support build blocks, and its breakage is not hidden behind exit 0`() async throws {
        try await MiniForge.with { forge in
            try forge.stack("lanes: [release]")
            let base = try forge.project("base", files: ["build.sh": "exit 1\n"], "release-tags: \"v*\"")
            base.tag("v1.0")
            base.commit(["build.sh": MiniForge.installs])
            try forge.project("left", on: ["base"])
            let run = try await forge.run(expecting: 1)
            #expect(run.job("base@local/release")["result"] == "passed")
            #expect(run.job("left@local/release")["result"] == "blocked")
        }
    }

    @Test func `a release lane without a release is an error, not a guess`() async throws {
        try await MiniForge.with { forge in
            try forge.stack("lanes: [release]")
            try forge.project("base", "release-tags: \"v*\"")
            try forge.project("left", on: ["base"])
            let run = try await forge.run(expecting: 3)
            #expect(run.job("base@local/release")["result"] == "passed")
            #expect(run.job("left@local/release")["result"] != "passed")
        }
    }

    @Test func `lane platform builds the project alone`() async throws {
        try await MiniForge.with { forge in
            try forge.stack("variants: {local: {lanes: [platform]}}")
            try forge.project("base")
            let build =
                "test -z \"${CANARY_UPSTREAM_BASE-}\"\ntest \"$CANARY_LANE\" = platform\n\(MiniForge.installs)\n"
            try forge.project("left", on: ["base"], files: ["build.sh": build])
            let run = try await forge.run()
            #expect(run["jobs"].all("job") == ["base@local/platform", "left@local/platform"])
            #expect(run.job("left@local/platform")["upstreams"] == [:])
        }
    }

    @Test func `a project has jobs only in its variants, and its recipe can differ there`() async throws {
        try await MiniForge.with { forge in
            try forge.stack("variants: {a: {}, b: {}}")
            try forge.project(
                "base", "per-variant: {b: {stages: [{stage: build, run: 'echo b > \"$CANARY_PREFIX/b\"'}]}}")
            try forge.project("left", files: ["build.sh": "test $CANARY_VARIANT = b"], "only: [b]")
            let run = try await forge.run()
            #expect(run["jobs"].all("job") == ["base@a/head", "base@b/head", "left@b/head"])
            #expect(run.job("base@a/head")["key"] != run.job("base@b/head")["key"])
        }
    }

    @Test func `variants of one environment share builds`() async throws {
        try await MiniForge.with { forge in
            try forge.stack("variants: {a: {}, b: {}}")
            try forge.project("base")
            let run = try await forge.run()
            #expect(run["builds"].items.count == 1)
            #expect(run["builds"][0]["jobs"] == ["base@a/head", "base@b/head"])
        }
    }

    @Test func `a pin in the manifest holds the upstream and still judges`() async throws {
        try await MiniForge.with { forge in
            let base = try forge.project("base")
            base.tag("v1")
            let pinned = base.head()
            base.commit(["api.h": "gone\n"])
            try forge.project("left", files: [:], "upstreams: [{project: base, at: v1, reason: \"waits\"}]")
            let run = try await forge.run()
            #expect(run["judged"] == true)
            #expect(run.job("left@local/head")["upstreams"] == ["base": .text(pinned)])
            #expect(run.job("base@local/head")["revision"] == .text(base.head()))
            try forge.manifest("left", ["upstreams: [{project: base, at: v1, until: 2020-01-01, reason: \"waited\"}]"])
            let check = try await forge.canary("check").expect(0)
            #expect(check.errors.contains("warning"), "\(check.errors)")
            let head = try await forge.run()
            #expect(head.job("left@local/head")["upstreams"] == ["base": .text(base.head())])
        }
    }

    @Test func `submodules are checked out when the manifest asks for them`() async throws {
        try await MiniForge.with { forge in
            let part = forge.repository("part")
            part.commit(["part.h": "part\n"])
            let whole = try forge.project("whole", files: ["build.sh": "cat \"$CANARY_SOURCE/sub/part.h\"\n"])
            let work = "\(forge.root)/work"
            forge.git("clone", "--quiet", whole.path, work)
            forge.git(
                "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", part.path, "sub", in: work)
            forge.git("commit", "--quiet", "--message", "add sub", in: work)
            forge.git("push", "--quiet", "origin", "main", in: work)
            try await forge.run(expecting: 1)
            try forge.manifest("whole", ["submodules: true"])
            #expect(try await forge.run().job("whole@local/head")["result"] == "passed")
        }
    }

    @Test func `a folder of the stack's own repository is a source`() async throws {
        try await MiniForge.with { forge in
            try forge.write("tool/api.h", "keep tool\n")
            try forge.write("tool/build.sh", "test ! -e \"$CANARY_SOURCE/manifests\"\n\(MiniForge.installs)\n")
            try forge.manifest("tool", ["source: tool"])
            forge.git("init", "--quiet", "--initial-branch=trunk")
            forge.git("add", "tool", "manifests")
            forge.git("commit", "--quiet", "--message", "first")
            let first = try await forge.run()
            #expect(first.job("tool@local/head")["result"] == "passed")
            try forge.write("manifests/notes.txt", "beside\n")
            forge.git("add", "manifests")
            forge.git("commit", "--quiet", "--message", "second")
            #expect(try await forge.run()["builds"] == [], "what lies beside the folder is not its source")
        }
    }
}
