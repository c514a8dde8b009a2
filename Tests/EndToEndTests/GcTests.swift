// SPDX-License-Identifier: Apache-2.0

import CanaryTestSupport
import Foundation
import Glibc
import Testing

@Suite("gc") struct GcTests {
    /// A store so small that everything goes that may.
    private static let tight = "limits: {store: 1B}"

    /// The prefixes on the disk, `project/key`.
    private func prefixes(_ forge: MiniForge) -> Set<String> {
        let files = FileManager.default
        let folder = "\(forge.state)/prefixes"
        let projects = (try? files.contentsOfDirectory(atPath: folder)) ?? []
        return Set(
            projects.flatMap { project in
                ((try? files.contentsOfDirectory(atPath: "\(folder)/\(project)")) ?? []).map { "\(project)/\($0)" }
            })
    }

    private func prefix(_ project: String, in run: JSON) -> String {
        "\(project)/\(run.job("\(project)@local/head")["key"].text ?? "none")"
    }

    @Test func `what is no longer needed is removed, and the next run has nothing to build`() async throws {
        try await MiniForge.with { forge in
            try forge.stack(Self.tight)
            let base = try forge.project("base")
            try forge.project("left", on: ["base"])
            let first = try await forge.run()
            base.commit(["api.h": "keep 2\n"])
            let second = try await forge.run()
            let dry = try await forge.document("gc", "--dry-run")
            #expect(dry["dryRun"] == true && prefixes(forge).count == 4)
            let gc = try await forge.document("gc")
            #expect(gc["removed"] == dry["removed"] && gc["freed"].number ?? 0 > 0 && gc["failed"] == [])
            let gone = gc["removed"].items.filter { $0["kind"] == "prefix" }.all("path")
            #expect(Set(gone) == ["prefixes/\(prefix("base", in: first))", "prefixes/\(prefix("left", in: first))"])
            #expect(prefixes(forge) == [prefix("base", in: second), prefix("left", in: second)])
            let next = try await forge.run()
            #expect(next["jobs"].all("action") == ["reuse", "reuse"] && next["builds"] == [])
            let text = try await forge.canary("gc").expect(0)
            #expect(
                text.output.hasPrefix("nothing to remove\n") && text.errors.contains("hint: raise `limits: {store:"))
            forge.git(
                "-C", base.path, "update-ref", "refs/heads/main", first.job("base@local/head")["revision"].text ?? "")
            let back = try await forge.run()
            #expect(back["jobs"].all("result") == ["passed", "passed"] && back["builds"].items.count == 2)
        }
    }

    @Test func `a last known good and what an open episode needs are kept`() async throws {
        try await MiniForge.with { forge in
            try forge.stack(Self.tight, "keep: {logs: 0s}")
            let base = try forge.project("base")
            try forge.project("left", on: ["base"])
            let good = try await forge.run()
            base.commit(["api.h": "gone\n"])
            let bad = try await forge.run(expecting: 1)
            base.commit(["api.h": "gone 2\n"])
            let middle = try await forge.run(expecting: 1)
            base.commit(["api.h": "gone 3\n"])
            let last = try await forge.run(expecting: 1)
            try await forge.canary("gc").expect(0)
            let needed = [
                prefix("base", in: good), prefix("left", in: good), prefix("base", in: bad), prefix("base", in: last),
            ]
            #expect(prefixes(forge) == Set(needed), "\(prefix("base", in: middle)) alone may go")
            let logs = { (run: JSON) in run.job("left@local/head")["attempts"].items.all("attempt") }
            for attempt in logs(bad) + logs(last) { try await forge.canary("log", attempt).expect(0) }
            for attempt in logs(good) + logs(middle) {
                let ended = try await forge.canary("log", attempt).expect(2)
                #expect(ended.errors.contains("error: the log of `\(attempt)` was removed at 2"), "\(ended.errors)")
                #expect(ended.errors.contains("hint: `keep: {logs: ...}`") && ended.output.isEmpty)
                try await forge.canary("show", attempt).expect(0)
            }
            base.commit(["build.sh": "echo 'error: red'; exit 1\n"])
            let red = try await forge.run(expecting: 1)
            #expect(red.job("left@local/head")["fallback"].fields.count == 1)
            #expect(red.job("left@local/head")["result"] == "failed", "on the last known good of base, which was there")
            #expect(red["builds"].items.filter { $0["project"] == "base" }.count == 1, "nothing is built again")
        }
    }

    @Test func `below the size limit only old logs are removed`() async throws {
        try await MiniForge.with { forge in
            let base = try forge.project("base", files: ["build.sh": "echo words\n\(MiniForge.installs)\n"])
            let run = try await forge.run()
            let attempt = try #require(run.job("base@local/head")["attempts"][0]["attempt"].text)
            base.commit(["api.h": "keep 2\n"])
            try await forge.run()
            #expect(try await forge.document("gc")["removed"] == [])
            try await forge.canary("log", attempt).expect(0)
            try forge.stack("keep: {logs: 0s}")
            let gc = try await forge.document("gc")
            #expect(gc["removed"].items.all("reason") == ["expired", "expired"] && gc["withinLimit"] == true)
            #expect(prefixes(forge).count == 2)
            #expect(!forge.exists("state/attempts/\(attempt)"))
            try await forge.canary("log", attempt).expect(2)
            #expect(try await forge.document("gc")["removed"] == [])
        }
    }

    @Test func `mirrors and caches of removed projects are removed, and leftovers of every kind`() async throws {
        try await MiniForge.with { forge in
            try forge.project("base")
            try forge.project("old")
            try await forge.run()
            try FileManager.default.removeItem(atPath: "\(forge.manifests)/projects/old.yaml")
            try forge.stack(Self.tight)
            try await forge.run()
            try forge.write("state/ccache/base/local/a/object", "x")
            try forge.write("state/ccache/base/vfx2019/a/object", "x")
            try forge.write("state/mirrors/base.git.old-1/HEAD", "x")
            try forge.write("state/attempts/a000000000000-00000000/log", "of another history")
            try forge.write("state/notes.txt", "somebody's own")
            let gc = try await forge.document("gc")
            let removed = gc["removed"].items.map { "\($0["reason"].text ?? "") \($0["path"].text ?? "")" }
            #expect(
                Set(removed.filter { !$0.contains("prefixes/old/") && !$0.hasPrefix("unused attempts/") }) == [
                    "leftover mirrors/base.git.old-1", "leftover attempts/a000000000000-00000000",
                    "foreign mirrors/old.git", "foreign ccache/base/vfx2019", "unused ccache/base/local",
                ], "\(removed)")
            #expect(try FileManager.default.contentsOfDirectory(atPath: "\(forge.state)/mirrors") == ["base.git"])
            #expect(!forge.exists("state/ccache/base") && !forge.exists("state/prefixes/old"))
            #expect(forge.exists("state/notes.txt"))
            #expect(try await forge.run()["builds"] == [])
        }
    }

    @Test func `a missing state folder is empty, and is not created`() async throws {
        try await MiniForge.with { forge in
            try forge.project("base")
            #expect(try await forge.document("gc")["bytesBefore"] == 0)
            try await forge.canary("gc", "--dry-run").expect(0)
            #expect(!forge.exists("state"))
        }
    }

    @Test func `during a run gc waits, or reports which process runs; a dry run does not wait`() async throws {
        try await MiniForge.with { forge in
            try forge.stack(Self.tight, "keep: {logs: 0s}")
            try forge.project(
                "base", "stages: [{stage: build, run: 'until test -e ../../../go; do sleep 0.05; done'}]")
            let run = try forge.start("run", "--json")
            try await run.until { run.errorsSoFar.contains("building") }
            let refused = try await forge.canary("gc", "--no-wait").expect(3)
            #expect(refused.errors.contains("is in use by pid \(run.pid) (`canary run`)"))
            #expect(try await forge.document("gc", "--dry-run")["removed"] == [], "nothing of a run under way")
            let gc = try forge.start("gc", "--json")
            try await gc.until { gc.errorsSoFar.contains("waiting: ") }
            try forge.write("state/go", "")
            try await run.end().expect(0)
            #expect(try await gc.end().expect(0).document()["removed"].items.all("kind") == ["log"])
        }
    }

    @Test func `what cannot be removed is reported, and removed later`() async throws {
        try await MiniForge.with { forge in
            try #require(getuid() == 0, "this test makes a file immutable: it must run as root")
            try forge.stack(Self.tight)
            let base = try forge.project("base")
            let first = try await forge.run()
            base.commit(["api.h": "keep 2\n"])
            try await forge.run()
            let stuck = "\(forge.state)/prefixes/\(prefix("base", in: first))/include/base.h"
            try await forge.shell("chattr +i '\(stuck)'", in: "work").expect(0)
            let gc = try await forge.canary("gc", "--json")
            try await forge.shell(
                "chattr -i \"$(find '\(forge.state)/prefixes' -name base.h | xargs lsattr | grep -e '-i-' | cut -d' ' -f2)\"",
                in: "work"
            ).expect(0)
            let document = try gc.expect(3).document()
            #expect(document["failed"].items.all("path") == ["prefixes/\(prefix("base", in: first))"])
            #expect(try await forge.run()["builds"] == [])
            #expect(prefixes(forge).count == 1, "the next driver removed it")
        }
    }

    /// Every moment at which the disk is changed, as strace counts them in one thread.
    private static let moments = ["fsync,fdatasync", "unlinkat", "rmdir", "pwrite64", "unlink"].flatMap { call in
        [1, 2, 3, 5].map { (call, $0) }
    }

    @Test func `a kill at any moment loses nothing that is needed, and the next gc finishes the work`() async throws {
        try await MiniForge.with { forge in
            try forge.stack(Self.tight)
            let base = try forge.project(
                "base",
                files: [
                    "build.sh":
                        "mkdir -p \"$CANARY_PREFIX/a/b\"; touch \"$CANARY_PREFIX/a/b/c\"\n\(MiniForge.installs)\n"
                ])
            try forge.project("left", on: ["base"])
            try await forge.run()
            var killed = 0
            for (round, moment) in Self.moments.enumerated() {
                base.commit(["api.h": "keep \(round)\n"])
                let run = try await forge.run()
                let gc = try await forge.start(
                    under: [
                        "strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=\(moment.0)", "-e",
                        "inject=\(moment.0):signal=KILL:when=\(moment.1)",
                    ], "gc"
                ).end()
                #expect(gc.status == 137 || gc.status == 0, "\(moment): \(gc.testDescription)")
                killed += gc.status == 137 ? 1 : 0
                let doctor = try await forge.canary("doctor", "--json").expect(0).document()
                #expect(doctor["checks"].items.first { $0["check"] == "database" }?["level"] == "ok", "\(moment)")
                try await forge.canary("gc").expect(0)
                #expect(prefixes(forge) == [prefix("base", in: run), prefix("left", in: run)], "\(moment)")
                #expect(try await forge.run()["builds"] == [], "\(moment)")
                let attempts = try FileManager.default.contentsOfDirectory(atPath: "\(forge.state)/attempts")
                #expect(attempts == [], "\(moment)")
            }
            #expect(killed > Self.moments.count / 2, "only \(killed) of \(Self.moments.count) were killed")
        }
    }
}

extension [JSON] {
    /// One field of each item.
    fileprivate func all(_ key: String) -> [String] { compactMap { $0[key].text } }
}
