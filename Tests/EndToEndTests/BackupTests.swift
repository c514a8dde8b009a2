// SPDX-License-Identifier: Apache-2.0

import CanaryTestSupport
import Foundation
import Glibc
import Testing

@Suite("backup and restore") struct BackupTests {
    private func runs(_ forge: MiniForge) async throws -> [String] {
        try await forge.document("history")["runs"].items.compactMap { $0["run"].text }
    }

    private func names(_ forge: MiniForge, _ start: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: forge.state).filter { $0.hasPrefix(start) }.sorted()
    }

    @Test func `a backup taken during a run shows history at that moment, and can be restored elsewhere`() async throws
    {
        try await MiniForge.with { forge in
            try forge.project("base")
            let first = try await forge.run()
            try forge.project(
                "slow", "stages: [{stage: build, run: 'until test -e ../../../go; do sleep 0.05; done'}]")
            let running = try forge.start("run", "--json")
            try await running.until { running.errorsSoFar.contains("building") }
            let copy = "\(forge.root)/copy.sqlite"
            let backup = try await forge.document("backup", copy)
            #expect(backup["file"] == .text(copy) && backup["runs"] == 2 && backup["stack"] == "mini")
            #expect(backup["bytes"].number == Double(FileManager.default.contents(atPath: copy)?.count ?? 0))
            try forge.write("state/go", "")
            try await running.end().expect(0)
            let names = try FileManager.default.contentsOfDirectory(atPath: forge.root)
            #expect(
                names.filter { $0.hasPrefix("copy") } == ["copy.sqlite"], "one file, and nothing half done beside it")

            let elsewhere = "\(forge.root)/elsewhere"
            try forge.write("elsewhere/go", "")
            let words = ["--stack", forge.manifests, "--state", elsewhere]
            try await forge.start(bare: ["restore", copy] + words).end().expect(0)
            let history = try await forge.start(bare: ["history", "--json"] + words).end().expect(0).document()
            #expect(history["runs"].items.map { $0["state"] } == ["running", "finished"])
            let run = try await forge.start(bare: ["run", "--json"] + words).end().expect(0).document()
            #expect(run["jobs"].items.map { $0["result"] } == ["passed", "passed"])
            #expect(run["builds"].items.count == 2, "no prefix came with the backup: both are built again")
            #expect(run.job("base@local/head")["key"] == first.job("base@local/head")["key"])
            let after = try await forge.start(bare: ["history", "--json"] + words).end().expect(0).document()
            #expect(after["runs"].items.map { $0["state"] } == ["finished", "interrupted", "finished"])
        }
    }

    @Test func `a later history is replaced only with --force, and is kept`() async throws {
        try await MiniForge.with { forge in
            let base = try forge.project("base")
            try await forge.run()
            let known = try await runs(forge)
            try await forge.canary("backup", "saved").expect(0)
            base.commit(["api.h": "keep 2\n"])
            try await forge.run()
            let later = try await runs(forge)
            let refused = try await forge.canary("restore", "saved").expect(2)
            #expect(refused.errors.contains("already has a history\nhint: `--force`"))
            #expect(try await runs(forge) == later)
            let before = try names(forge, "prefixes")
            let restored = try await forge.document("restore", "saved", "--force")
            #expect(try await runs(forge) == known && restored["runs"] == 1 && restored["forgottenPrefixes"] == 0)
            let kept = try #require(restored["kept"].text)
            #expect(kept.hasPrefix("\(forge.state)/canary.sqlite.before-") && before == ["prefixes"])
            #expect(try names(forge, "canary.sqlite.re") == [])
            let run = try await forge.run()
            #expect(run.job("base@local/head")["action"] == "build", "what the backup does not know is gone")
            try await forge.canary("restore", kept, "--force").expect(0)
            #expect(try await runs(forge) == later)
            #expect(try await forge.run()["jobs"].items.map { $0["result"] } == ["passed"])
            let doctor = try await forge.document("doctor")
            #expect(doctor["checks"].items.first { $0["check"] == "order" }?["level"] == "ok")
        }
    }

    @Test func `a prefix that was built again since the backup is not mistaken for the old one`() async throws {
        try await MiniForge.with { forge in
            try forge.stack("limits: {store: 1B}")
            let base = try forge.project(
                "base", files: ["build.sh": "date +%s%N > \"$CANARY_PREFIX/stamp\"\n\(MiniForge.installs)\n"])
            let first = try await forge.run()
            let old = try #require(first.job("base@local/head")["revision"].text)
            try await forge.canary("backup", "saved").expect(0)
            let new = base.commit(["api.h": "keep 2\n"])
            try await forge.run()
            try await forge.canary("gc").expect(0)
            base.git("update-ref", "refs/heads/main", old)
            try await forge.run()
            #expect(try await forge.document("restore", "saved", "--force")["forgottenPrefixes"] == 1)
            let run = try await forge.run()
            #expect(run.job("base@local/head")["action"] == "build" && run.job("base@local/head")["result"] == "passed")
            #expect(old != new)
        }
    }

    @Test func `a backup replaces a file only with --force`() async throws {
        try await MiniForge.with { forge in
            try forge.project("base")
            let none = try await forge.canary("backup", "copy").expect(2)
            #expect(none.errors.contains("holds no history") && !forge.exists("state"))
            try await forge.run()
            try forge.write("copy", "precious")
            let refused = try await forge.canary("backup", "copy").expect(2)
            #expect(
                refused.errors.contains("exists\nhint: `--force` replaces it")
                    && contents("\(forge.root)/copy") == "precious")
            try await forge.canary("backup", "copy", "--force").expect(0)
            #expect(contents("\(forge.root)/copy").hasPrefix("SQLite format 3"))
            for path in [forge.root, "\(forge.root)/no/copy", "\(forge.state)/canary.sqlite", "/proc/copy"] {
                let ended = try await forge.canary("backup", path, "--force")
                #expect(
                    ended.status == (path == "/proc/copy" ? 3 : 2) && ended.errors.contains("error: "),
                    "\(ended.errors)")
            }
            #expect(try await runs(forge).count == 1)
        }
    }

    @Test func `anything but an intact history of this stack is refused`() async throws {
        try await MiniForge.with { forge in
            try forge.project("base")
            try await forge.run()
            try await forge.canary("backup", "saved").expect(0)
            try forge.write("garbage", String(repeating: "garbage", count: 900))
            var torn = try #require(FileManager.default.contents(atPath: "\(forge.root)/saved"))
            torn.replaceSubrange(4096..<(torn.count - 4096), with: Data(count: torn.count - 8192))
            try torn.write(to: URL(filePath: "\(forge.root)/torn"))
            try forge.stack(name: "other")
            let other = try await forge.start(
                bare: ["restore", "saved", "--stack", forge.manifests, "--state", "\(forge.root)/new"]
            ).end().expect(2)
            #expect(other.errors.contains("belongs to the stack `mini`, not to `other`"))
            try forge.stack()
            for (file, words) in [("garbage", "is not a history"), ("torn", "damaged"), ("none", "no such file")] {
                let ended = try await forge.canary("restore", file, "--force").expect(2)
                #expect(ended.errors.contains(words) && ended.errors.contains("hint: "), "\(ended.errors)")
            }
            #expect(try names(forge, "canary.sqlite.") == [] && !forge.exists("new"))
            #expect(try await runs(forge).count == 1)
        }
    }

    @Test func `a damaged history is replaced, and kept unchanged`() async throws {
        try await MiniForge.with { forge in
            try forge.project("base")
            try await forge.run()
            let known = try await runs(forge)
            try await forge.canary("backup", "saved").expect(0)
            try forge.write("state/canary.sqlite", String(repeating: "garbage", count: 900))
            try await forge.canary("run").expect(3)
            let restored = try await forge.document("restore", "saved", "--force")
            #expect(contents(restored["kept"].text ?? "").hasPrefix("garbage"))
            #expect(try await runs(forge) == known)
            #expect(try await forge.run()["builds"] == [], "its prefixes are still there")
        }
    }

    @Test func `a restore waits for a run, and readers see either history`() async throws {
        try await MiniForge.with { forge in
            try forge.project("base")
            try await forge.run()
            try await forge.canary("backup", "saved").expect(0)
            try forge.project(
                "slow", "stages: [{stage: build, run: 'until test -e ../../../go; do sleep 0.05; done'}]")
            let running = try forge.start("run", "--json")
            try await running.until { running.errorsSoFar.contains("building") }
            let id = try #require(running.errorsSoFar.firstMatch(of: /a\d{12}-[0-9a-f]{8}/)).output
            try await forge.canary("restore", "saved", "--force", "--no-wait").expect(3)
            let reader = try forge.start("log", String(id), "--follow")
            let restore = try forge.start("restore", "saved", "--force")
            try await restore.until { restore.errorsSoFar.contains("waiting: ") }
            #expect(reader.isRunning)
            try forge.write("state/go", "")
            try await running.end().expect(0)
            try await restore.end().expect(0)
            try await reader.end().expect(0)
            #expect(try await runs(forge).count == 1)
        }
    }

    @Test(arguments: ["fsync,fdatasync", "pwrite64", "rename", "unlink", "ftruncate"])
    func `a kill during a restore leaves one of the two histories`(call: String) async throws {
        try await MiniForge.with { forge in
            let base = try forge.project("base")
            try await forge.run()
            let early = try await runs(forge)
            try await forge.canary("backup", "early").expect(0)
            base.commit(["api.h": "keep 2\n"])
            try await forge.run()
            let late = try await runs(forge)
            try await forge.canary("backup", "late").expect(0)
            var killed = 0
            for moment in [1, 2, 3, 5, 8, 13, 40] {
                let inject = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=\(call)", "-e"]
                let ended = try await forge.start(
                    under: inject + ["inject=\(call):signal=KILL:when=\(moment)"], "restore", "early", "--force"
                ).end()
                killed += ended.status == 137 ? 1 : 0
                #expect(ended.status == 137 || ended.status == 0, "\(moment): \(ended.testDescription)")
                let found = try await runs(forge)
                #expect(found == early || found == late, "\(moment): \(found)")
                let doctor = try await forge.document("doctor")
                #expect(doctor["checks"].items.first { $0["check"] == "database" }?["level"] == "ok", "\(moment)")
                try await forge.canary("restore", "late", "--force").expect(0)
                #expect(try await runs(forge) == late)
            }
            #expect(killed > 0)
            #expect(try await forge.run()["jobs"].items.map { $0["result"] } == ["passed"])
            #expect(try names(forge, "canary.sqlite.restoring") == [])
        }
    }

    @Test func `a disk too full for a backup is reported, and nothing is left on it`() async throws {
        try await MiniForge.with { forge in
            try #require(getuid() == 0, "this test mounts a file system: it must run as root")
            try forge.project("base")
            try await forge.run()
            try forge.write(
                "inside.sh", "mount -t tmpfs -o size=64k tmpfs .; cd \"$PWD\"\n\"$@\"; status=$?; ls -A; exit $status\n"
            )
            let ended = try await forge.shell(
                "exec unshare -m /bin/sh ../inside.sh \"$@\"", MiniForge.canary, "backup", "\(forge.root)/small/copy",
                "--stack", forge.manifests, "--state", forge.state, in: "small",
                environment: ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"]
            ).expect(3)
            #expect(ended.errors.contains("the disk is full: `\(forge.root)/small/copy") && ended.output.isEmpty)
        }
    }
}
