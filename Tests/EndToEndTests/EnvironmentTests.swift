// SPDX-License-Identifier: Apache-2.0

import CanaryTestSupport
import Foundation
import Testing

@Suite("what a stage can see and change")
struct EnvironmentTests {
    @Test func `a stage sees the promised variables and nothing else`() async throws {
        try await MiniForge.with { forge in
            let base = try forge.project("base")
            try forge.project("open-exr", on: ["base"])
            // The shell adds variables of its own to what it starts: its own beginning is what it was given.
            try forge.project(
                "top", on: ["open-exr"], files: ["build.sh": "true"],
                "stages: [{stage: build, run: 'tr \"\\0\" \"\\n\" < /proc/$$/environ > \"$CANARY_PREFIX/env\"'}]")
            let secrets = [
                "CANARY_API_TOKEN": "hush", "GITHUB_TOKEN": "hush", "LD_PRELOAD": "", "CC": "hush", "CFLAGS": "hush",
            ]
            let ended = try await forge.start("run", "--json", environment: secrets).end().expect(0)
            let run = try ended.document()
            let job = run.job("top@local/head")
            let prefix = { (name: String) in
                "\(forge.state)/prefixes/\(name)/\(run.job("\(name)@local/head")["key"].text ?? "")"
            }
            let lines = contents("\(prefix("top"))/env").split(separator: "\n").map(String.init)
            let pairs = lines.map { $0.split(separator: "=", maxSplits: 1).map(String.init) }
            var seen = Dictionary(uniqueKeysWithValues: pairs.map { ($0[0], $0.count > 1 ? $0[1] : "") })
            let attempt = "\(forge.state)/attempts/\(job["attempts"][0]["attempt"].text ?? "")"
            #expect(Int(seen.removeValue(forKey: "CANARY_JOBS") ?? "") ?? 0 >= 1)
            let (near, far) = (prefix("open-exr"), prefix("base"))
            #expect(
                seen == [
                    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "\(attempt)/home",
                    "LANG": "C.UTF-8", "TERM": "dumb", "TMPDIR": "\(attempt)/tmp", "CANARY_PROJECT": "top",
                    "CANARY_REVISION": job["revision"].text ?? "", "CANARY_SOURCE": "\(attempt)/source",
                    "CANARY_BUILD": "\(attempt)/build", "CANARY_PREFIX": prefix("top"), "CANARY_VARIANT": "local",
                    "CANARY_LANE": "head", "SOURCE_DATE_EPOCH": "1700000000", "CANARY_UPSTREAM_OPEN_EXR": near,
                    "CANARY_UPSTREAM_BASE": far, "CMAKE_PREFIX_PATH": "\(near):\(far)",
                    "LD_LIBRARY_PATH": "\(near)/lib:\(near)/lib64:\(far)/lib:\(far)/lib64",
                    "PKG_CONFIG_PATH": "\(near)/lib/pkgconfig:\(far)/lib/pkgconfig",
                    "GIT_CEILING_DIRECTORIES":
                        ([attempt] + ["base", "open-exr", "top"].map { "\(forge.state)/prefixes/\($0)" })
                        .joined(separator: ":"),
                ])
            #expect(job["upstreams"]["base"] == .text(base.head()))
        }
    }

    @Test func `home is private and empty, standard input is empty, the build folder is the working directory`()
        async throws
    {
        try await MiniForge.with { forge in
            let script = """
                test -d "$HOME"; test -z "$(ls -A "$HOME")"; test -z "$(ls -A "$TMPDIR")"
                test -z "$(cat)"; test "$(pwd)" = "$CANARY_BUILD"; test -z "$(ls -A .)"
                test "$(readlink /proc/self/fd/0)" = /dev/null; ls /proc/self/fd | wc -l
                echo left > "$HOME/left"; echo left > "$TMPDIR/left"; echo left > left

                """
            try forge.project("base", files: ["build.sh": script])
            try forge.project("other", files: ["build.sh": script])
            let run = try await forge.run()
            #expect(Set(run["jobs"].all("result")) == ["passed"])
            let id = try #require(run["jobs"][0]["attempts"][0]["attempt"].text)
            let log = try await forge.canary("log", id)
            #expect(log.output == "==> build\n4\n", "no descriptor of ours is inherited: \(log.output)")
            let left = try FileManager.default.contentsOfDirectory(atPath: "\(forge.state)/attempts/\(id)")
            #expect(left == ["log"])
        }
    }

    @Test func `each stage is a shell of its own that stops at the first error and at unset variables`() async throws {
        try await MiniForge.with { forge in
            try forge.project("base", "stages: [{stage: configure, run: 'x=1'}, {stage: build, run: 'echo $x'}]")
            try forge.project("left", "stages: [{stage: build, run: 'false; true'}]")
            let run = try await forge.run(expecting: 1)
            #expect(run["jobs"].all("result") == ["failed", "failed"])
            #expect(run.job("base@local/head")["attempts"][0]["stages"].all("stage") == ["configure", "build"])
        }
    }

    @Test func `changes that a build makes to its source do not affect later builds`() async throws {
        try await MiniForge.with { forge in
            let script = """
                test ! -e "$CANARY_SOURCE/mark" || { echo 'error: marked'; exit 1; }
                touch "$CANARY_SOURCE/mark"; echo broken > "$CANARY_SOURCE/api.h"
                if test -e "$CANARY_SOURCE/.git"; then rm -rf "$(git -C "$CANARY_SOURCE" rev-parse --git-common-dir)"; fi
                chmod -R a-w "$CANARY_SOURCE" "$CANARY_BUILD"; echo 'error: as it should'; exit 1

                """
            let base = try forge.project("base", files: ["build.sh": script])
            let run = try await forge.run(expecting: 1)
            let job = run.job("base@local/head")
            #expect(job["firstError"]["text"] == "error: as it should" && job["attempts"].items.count == 2)
            base.commit(["build.sh": MiniForge.installs])
            try await forge.run()
            #expect(try await forge.run()["builds"] == [])
        }
    }

    @Test func `a failed build leaves nothing in its prefix`() async throws {
        try await MiniForge.with { forge in
            try forge.project("base", files: ["build.sh": "echo half > \"$CANARY_PREFIX/half\"; exit 1\n"])
            try await forge.run(expecting: 1)
            let names = FileManager.default.subpaths(atPath: "\(forge.state)/prefixes") ?? []
            #expect(names.filter { $0.contains("half") } == [])
        }
    }
}
