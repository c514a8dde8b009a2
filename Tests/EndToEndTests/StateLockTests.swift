// SPDX-License-Identifier: Apache-2.0

import CanaryTestSupport
import Foundation
import Glibc
import Testing

@Suite("one process holds a state folder, however it ends")
struct StateLockTests {
    /// A project whose first build says where it is and then waits for a file that never comes; later builds pass.
    private func waiting(_ forge: MiniForge) async throws {
        let build = """
            if mkdir "\(forge.root)/begun"; then
                (trap '' TERM INT; sleep 1000) & setsid sleep 1000 &
                echo half > "$CANARY_PREFIX/half"; touch "\(forge.root)/up"; sleep 1000
            fi
            \(MiniForge.installs)

            """
        try forge.project("base", files: ["build.sh": build])
    }

    @Test(arguments: [SIGINT, SIGTERM])
    func `a signal ends a run at once, with 130, and the next run is right`(signal: Int32) async throws {
        try await MiniForge.with { forge in
            try await waiting(forge)
            try forge.project("top", on: ["base"])
            let running = try forge.start("run", "--json")
            try await running.until { forge.exists("up") }
            let asked = ContinuousClock.now
            running.send(signal)
            let ended = try await running.end().expect(130)
            #expect(ContinuousClock.now - asked < .seconds(15))
            #expect(ended.output.isEmpty && ended.errors.contains("interrupted"))
            #expect(processes(mentioning: forge.root) == [])
            let runs = try await forge.document("history")
            #expect(runs["runs"][0]["state"] == "interrupted" && runs["runs"][0]["finishedAt"] != nil)
            let interrupted = try await forge.document("show", try #require(runs["runs"][0]["run"].text))
            #expect(interrupted["transitions"] == [] && interrupted.job("base@local/head")["result"] == "cancelled")
            let status = try await forge.document("status").job("base@local/head")
            #expect(status["lastResult"] == nil && status["verdict"] == "unknown")
            let next = try await forge.run()
            #expect(next["jobs"].all("result") == ["passed", "passed"] && next["transitions"].items.count == 2)
        }
    }

    @Test func `a signal while heads are resolved ends the run at once`() async throws {
        try await MiniForge.with { forge in
            try forge.project("base", "repository: \"https://canary.invalid/base.git\"")
            try forge.script("bin/git", "#!/bin/sh\ntouch '\(forge.root)/asked'\ntrap '' TERM\nsleep 1000\n")
            let running = try forge.start("run", environment: ["PATH": "\(forge.root)/bin:/usr/bin:/bin"])
            try await running.until { forge.exists("asked") }
            running.send(SIGINT)
            let asked = ContinuousClock.now
            try await running.end().expect(130)
            #expect(ContinuousClock.now - asked < .seconds(15))
            #expect(try await forge.document("history")["runs"][0]["state"] == "interrupted")
        }
    }

    @Test func `after a kill -9 the next run closes the attempt, ends its processes and builds again`() async throws {
        try await MiniForge.with { forge in
            try await waiting(forge)
            let running = try forge.start("run")
            try await running.until { forge.exists("up") }
            let orphans = processes(mentioning: "\(forge.state)/attempts/")
            running.send(SIGKILL)
            try await running.end().expect(137)
            let before = try await forge.document("history")
            #expect(before["runs"][0]["state"] == "running")
            let run = try await forge.run()
            #expect(run.job("base@local/head")["result"] == "passed")
            #expect(processes(mentioning: forge.root) == [] && !orphans.isEmpty)
            let key = try #require(run.job("base@local/head")["key"].text)
            let build = try await forge.document("show", key)
            #expect(build["attempts"].items.map { $0["state"] } == ["interrupted", "finished"])
            #expect(
                build["attempts"][0]["reasonCode"] == "environment.interrupted" || build["attempts"][0]["result"] == nil
            )
            #expect(!forge.exists("state/prefixes/base/\(key)/half"), "what lay there was removed")
            let runs = try await forge.document("history")
            #expect(runs["runs"].all("state") == ["finished", "interrupted"])
            let attempts = try FileManager.default.contentsOfDirectory(atPath: "\(forge.state)/attempts")
            for id in attempts {
                let names = try FileManager.default.contentsOfDirectory(atPath: "\(forge.state)/attempts/\(id)")
                #expect(names == ["log"])
            }
        }
    }

    @Test func `a second process waits for the first, or reports which one it is`() async throws {
        try await MiniForge.with { forge in
            try forge.project(
                "base", "stages: [{stage: build, run: 'until test -e ../../../go; do sleep 0.05; done'}]")
            let first = try forge.start("run", "--json")
            try await first.until { first.errorsSoFar.contains("building") }
            let refused = try await forge.canary("run", "--no-wait").expect(3)
            #expect(
                refused.errors.contains("is in use by pid \(first.pid) (`canary run`)")
                    && refused.errors.contains("hint: "))
            let second = try forge.start("run", "--json")
            try await second.until {
                second.errorsSoFar.contains("waiting: ") && second.errorsSoFar.contains("pid \(first.pid)")
            }
            let third = try forge.start("run")
            try await third.until { third.errorsSoFar.contains("waiting: ") }
            third.send(SIGTERM)
            try await third.end(within: 5).expect(130)
            #expect(second.isRunning)
            try forge.write("state/go", "")
            try await first.end().expect(0)
            let run = try await second.end().expect(0).document()
            #expect(run["builds"] == [] && run.job("base@local/head")["action"] == "reuse")
        }
    }

    @Test func `a state folder belongs to one stack`() async throws {
        try await MiniForge.with { forge in
            try forge.project("base")
            try await forge.run()
            try forge.stack(name: "other")
            for verb in ["run", "plan", "status", "history"] {
                let ended = try await forge.canary(verb).expect(2)
                #expect(
                    ended.errors.contains("`mini`") && ended.errors.contains("`other`")
                        && ended.errors.contains("hint: "), "\(ended.errors)")
            }
        }
    }

    @Test func `an unusable state folder is named`() async throws {
        try await MiniForge.with { forge in
            try forge.project("base")
            try forge.write("file", "")
            for path in ["\(forge.root)/file", "/proc/canary", "\(forge.root)/file/below"] {
                let ended = try await forge.start(bare: ["run", "--stack", forge.manifests, "--state", path]).end()
                    .expect(3)
                #expect(ended.errors.contains("`\(path)`") && ended.errors.contains("hint: "), "\(ended.errors)")
                let plan = try await forge.start(bare: ["plan", "--stack", forge.manifests, "--state", path]).end()
                    .expect(3)
                #expect(!plan.errors.isEmpty || !plan.output.isEmpty)
            }
        }
    }

    @Test(arguments: ["garbage", "SQLite format 3\0torn"])
    func `a file that is not a database is named and not modified`(content: String) async throws {
        try await MiniForge.with { forge in
            try forge.project("base")
            try forge.write("state/canary.sqlite", String(repeating: content, count: 300))
            for verb in ["run", "status", "plan", "history"] {
                let ended = try await forge.canary(verb).expect(3)
                #expect(
                    ended.errors.contains("canary.sqlite") && ended.errors.hasPrefix("error: "),
                    "\(verb): \(ended.errors)")
            }
            #expect(contents("\(forge.state)/canary.sqlite") == String(repeating: content, count: 300))
        }
    }

    @Test func `a full disk is reported, and nothing is damaged`() async throws {
        try await MiniForge.with { forge in
            try await withDisk(of: "6m", at: forge.state) {
                let fill = "head -c 20000000 /dev/zero > \"$CANARY_PREFIX/big\"\n"
                let base = try forge.project("base", files: ["build.sh": fill])
                let run = try await forge.canary("run", "--json").expect(3)
                let job = try run.document().job("base@local/head")
                #expect(
                    job["result"] == "error" && job["reasonCode"] == "environment.disk-full"
                        && job["verdict"] == "unknown")
                base.commit(["build.sh": MiniForge.installs])
                #expect(try await forge.run().job("base@local/head")["result"] == "passed")
                shell(["sh", "-c", "head -c 20000000 /dev/zero > \(forge.state)/filler; true"])
                base.commit(["api.h": "keep 2\n"])
                let full = try await forge.canary("run").expect(3)
                #expect(full.errors.contains("full") || full.output.contains("full"), "\(full.testDescription)")
                try FileManager.default.removeItem(atPath: "\(forge.state)/filler")
                #expect(try await forge.run().job("base@local/head")["result"] == "passed")
            }
        }
    }
}
