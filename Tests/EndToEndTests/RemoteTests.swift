// SPDX-License-Identifier: Apache-2.0

import CanaryTestSupport
import Foundation
import Testing

@Suite("remotes that change")
struct RemoteTests {
    @Test func `a vanished remote is an error of its job alone; downstreams use the last known good`()
        async throws
    {
        try await MiniForge.with { forge in
            let base = try forge.project("base")
            let left = try forge.project("left", on: ["base"])
            try await forge.run()
            let good = base.head()
            try FileManager.default.moveItem(atPath: base.path, toPath: base.path + ".gone")
            left.commit(["api.h": "keep 2\n"])
            let plan = try await forge.canary("plan", "--json")
            let planned = try plan.expect(3).document()
            #expect(planned["snapshot"]["unresolved"]["base"]["reasonCode"] == "fetch.unreachable")
            let run = try await forge.run(expecting: 3)
            let job = run.job("base@local/head")
            #expect(job["result"] == "error" && job["stage"] == "fetch" && job["reasonCode"] == "fetch.unreachable")
            #expect(
                job["fault"] == "environment" && job["verdict"] == "passing" && job["revision"] == nil
                    && job["attempts"] == [])
            #expect(run.job("left@local/head")["result"] == "passed")
            #expect(run.job("left@local/head")["upstreams"] == ["base": .text(good)])
            try FileManager.default.moveItem(atPath: base.path + ".gone", toPath: base.path)
            #expect(try await forge.run().job("base@local/head")["result"] == "passed")
        }
    }

    @Test func `a renamed branch is an error that names the missing branch`() async throws {
        try await MiniForge.with { forge in
            let base = try forge.project("base")
            try await forge.run()
            base.git("branch", "-m", "main", "trunk")
            let job = try await forge.run(expecting: 3).job("base@local/head")
            #expect(job["reasonCode"] == "fetch.branch-missing")
            #expect(job["firstError"]["text"].text?.contains("`main`") == true)
            try forge.manifest("base", ["branch: trunk"])
            #expect(try await forge.run()["builds"] == [])
        }
    }

    @Test func `a last known good survives a force-push`() async throws {
        try await MiniForge.with { forge in
            let base = try forge.project("base")
            let left = try forge.project("left", on: ["base"])
            try await forge.run()
            let good = base.head()
            base.commit(["build.sh": "exit 1\n", "api.h": "gone\n"], rewriting: true)
            base.git("reflog", "expire", "--expire=now", "--all")
            base.git("gc", "--quiet", "--prune=now")
            left.commit(["api.h": "keep 2\n"])
            let run = try await forge.run(expecting: 1)
            #expect(run.job("left@local/head")["fallback"] == ["base": .text(good)])
            #expect(run.job("left@local/head")["result"] == "passed")
            let back = try await forge.run("--at", "base=\(good)", "--force")
            #expect(back.job("base@local/head")["revision"] == .text(good), "the mirror still has it")
            #expect(back.job("base@local/head")["attempts"].items.count == 1)
        }
    }

    @Test func `git does not prompt, runs no hooks, and respects the user's insteadOf`() async throws {
        try await MiniForge.with { forge in
            let base = try forge.project("base", "repository: https://canary.invalid/base.git")
            try forge.script("hooks/post-checkout", "#!/bin/sh\ntouch '\(forge.root)/PWNED'\n")
            let config = """
                [url "file://\(base.path.replacing("/base.git", with: ""))/"]
                    insteadOf = https://canary.invalid/
                [core]
                    hooksPath = \(forge.root)/hooks

                """
            try forge.write("home/.gitconfig", config)
            try await forge.run()
            #expect(!forge.exists("PWNED"))
        }
    }

    @Test func `a damaged mirror is created again`() async throws {
        try await MiniForge.with { forge in
            let base = try forge.project("base")
            try await forge.run()
            let mirror = "\(forge.state)/mirrors/base.git"
            for name in FileManager.default.subpaths(atPath: mirror) ?? []
            where name.hasSuffix(".lock") || name.hasPrefix("objects/") {
                try? FileManager.default.removeItem(atPath: "\(mirror)/\(name)")
            }
            try forge.write("state/mirrors/base.git/HEAD", "garbage")
            base.commit(["api.h": "keep 2\n"])
            #expect(try await forge.run().job("base@local/head")["result"] == "passed")
        }
    }

    @Test func `a lock that a killed git left in the mirror is removed`() async throws {
        try await MiniForge.with { forge in
            let base = try forge.project("base")
            try await forge.run()
            for name in ["shallow.lock", "packed-refs.lock", "config.lock"] {
                try forge.write("state/mirrors/base.git/\(name)", "")
            }
            base.commit(["api.h": "keep 2\n"])
            #expect(try await forge.run().job("base@local/head")["result"] == "passed")
        }
    }
}
