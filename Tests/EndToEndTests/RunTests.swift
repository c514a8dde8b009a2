// SPDX-License-Identifier: Apache-2.0

import CanaryTestSupport
import Foundation
import Testing

@Suite("canary run")
struct RunTests {
    /// `base` below `left` and `right`, `top` on `left`.
    private func family(_ forge: MiniForge) async throws -> TestRepository {
        let base = try forge.project("base")
        try forge.project("left", on: ["base"])
        try forge.project("right")
        try forge.project("top", on: ["left"])
        return base
    }

    @Test func `the first run builds everything, upstreams first`() async throws {
        try await MiniForge.with { forge in
            let base = try await family(forge)
            let run = try await forge.run()
            #expect(
                run["jobs"].all("job") == ["base@local/head", "right@local/head", "left@local/head", "top@local/head"])
            #expect(Set(run["jobs"].all("result")) == ["passed"])
            #expect(Set(run["jobs"].all("verdict")) == ["passing"])
            #expect(Set(run["jobs"].items.compactMap { $0["reason"]["code"].text }) == ["never-built"])
            #expect(run["jobs"].items.allSatisfy { $0["attempts"].items.count == 1 && $0["conditional"] == false })
            #expect(run["judged"] == true && run["trigger"] == "manual" && run["wouldTell"] == [])
            #expect(run["transitions"].items.count == 4)
            #expect(
                run["transitions"].items.allSatisfy {
                    $0["from"] == "unknown" && $0["to"] == "passing" && $0["episode"] == nil
                })
            let top = run.job("top@local/head")
            let head = base.head()
            #expect(run["snapshot"]["revisions"]["base"] == .text(head))
            #expect(top["upstreams"]["base"] == .text(head) && top["upstreams"].fields.count == 2)
            #expect(top["attempts"][0]["stages"].all("stage") == ["build"])
            #expect(run["builds"].items.count == 4)
            #expect(run["builds"].items.last?["upstreams"].fields.count == 2)
        }
    }

    @Test func `without changes nothing is built`() async throws {
        try await MiniForge.with { forge in
            _ = try await family(forge)
            let first = try await forge.run()
            let second = try await forge.run("--trigger", "nightly")
            #expect(second["builds"] == [] && second["transitions"] == [] && second["trigger"] == "nightly")
            #expect(Set(second["jobs"].all("action")) == ["reuse"])
            #expect(Set(second["jobs"].all("result")) == ["passed"])
            #expect(Set(second["jobs"].items.compactMap { $0["reason"]["code"].text }) == ["unchanged"])
            #expect(second["jobs"].items.allSatisfy { $0["attempts"] == [] })
            #expect(second["jobs"].all("key") == first["jobs"].all("key"))
        }
    }

    @Test func `a broken upstream turns only its downstreams red, after a rerun, and a fix turns them green`()
        async throws
    {
        try await MiniForge.with { forge in
            let base = try await family(forge)
            try await forge.run()
            let bad = base.commit(["api.h": "gone\n"])
            let red = try await forge.run(expecting: 1)
            #expect(
                red.job("base@local/head")["result"] == "passed" && red.job("right@local/head")["action"] == "reuse")
            let left = red.job("left@local/head")
            #expect(left["result"] == "failed" && left["stage"] == "build" && left["fault"] == "change")
            #expect(left["verdict"] == "suspected" && left["reason"]["code"] == "upstream-changed")
            #expect(
                left["firstError"] == [
                    "text": "left.c:3:1: error: 'keep' was not declared", "file": "left.c", "line": 3,
                    "names": [["kind": "symbol", "name": "keep"]],
                ])
            #expect(left["attempts"].all("purpose") == ["first", "rerun"])
            #expect(left["attempts"][0]["stages"][0]["exit"] == 1)
            #expect(left["redUpstreams"] == [] && left["upstreams"]["base"] == .text(bad))
            let top = red.job("top@local/head")
            #expect(top["result"] == "passed" && top["redUpstreams"] == ["left"] && top["verdict"] == "passing")
            #expect(red["transitions"].all("job") == ["left@local/head"])
            #expect(red["wouldTell"][0]["kind"] == "suspected" && red["wouldTell"][0]["job"] == "left@local/head")
            let text = try await forge.canary("show", try #require(red["run"].text))
            #expect(
                text.output.contains("would tell: suspected left@local/head, because of base (digest)"),
                "\(text.output)")
            #expect(text.output.contains("left.c:3:1: error: 'keep' was not declared"), "\(text.output)")

            let good = base.commit(["api.h": "keep again\n"])
            let fixed = try await forge.run()
            let healed = fixed.job("left@local/head")
            #expect(
                healed["result"] == "passed" && healed["verdict"] == "passing"
                    && healed["upstreams"]["base"] == .text(good))
            #expect(healed["attempts"].all("purpose") == ["first", "confirm"])
            #expect(fixed["wouldTell"][0]["kind"] == "healed")
            #expect(fixed["transitions"][0]["episode"] == red["transitions"][0]["episode"])
            let status = try await forge.document("status")
            #expect(Set(status["jobs"].all("verdict")) == ["passing"])
            #expect(
                status.job("left@local/head")["episode"] == nil && status.job("left@local/head")["firstKnownBad"] == nil
            )
        }
    }

    @Test func `a build that passes after a failure is flaky: no transition, and never the last known good`()
        async throws
    {
        try await MiniForge.with { forge in
            let origin = try forge.project("coin")
            let first = try await forge.run()
            let good = origin.head()
            origin.commit([
                "build.sh":
                    "if mkdir '\(forge.root)/thrown' 2>&-; then echo 'error: tails'; exit 1; fi\n\(MiniForge.installs)\n",
                "api.h": "keep 2\n",
            ])
            let run = try await forge.run()
            let job = run.job("coin@local/head")
            #expect(job["result"] == "passed" && job["flaky"] == true && job["reasonCode"] == nil)
            #expect(job["attempts"].all("result") == ["failed", "passed"])
            #expect(run["transitions"] == [] && job["verdict"] == "passing")
            #expect(run["wouldTell"][0]["kind"] == "flaky")
            let status = try await forge.document("status")
            let known = status.job("coin@local/head")["lastKnownGood"]
            #expect(known["snapshot"]["revisions"]["coin"] == .text(good) && known["run"] == first["run"])
        }
    }

    @Test(arguments: [
        "exit 137", "kill -9 $$", "echo Killed; exit 1", "echo \"cp: a: No space left on device\"; exit 1",
        "echo \"Error: OCI runtime error\"; exit 1",
    ])
    func `a build that says the machine failed has failed itself`(script: String) async throws {
        try await MiniForge.with { forge in
            try forge.project("tool", "stages: [{stage: build, run: '\(script)'}]")
            let job = try await forge.run(expecting: 1).job("tool@local/head")
            #expect(job["result"] == "failed" && job["fault"] == "change" && job["reasonCode"] == "build.other")
        }
    }

    @Test func `infrastructure errors are retried once at the end and change no verdict`() async throws {
        let (script, reason) = ("no-such-tool --build", "environment.tool-missing")
        try await MiniForge.with { forge in
            try forge.project("fine")
            try forge.project("tool", "stages: [{stage: build, run: '\(script)'}]")
            let run = try await forge.run(expecting: 3)
            let job = run.job("tool@local/head")
            #expect(job["result"] == "error" && job["fault"] == "environment" && job["reasonCode"] == .text(reason))
            #expect(job["attempts"].all("result") == ["error", "error"] && job["verdict"] == "unknown")
            #expect(run.job("fine@local/head")["result"] == "passed" && run["transitions"].items.count == 1)
            let ids = run["jobs"].items.flatMap { $0["attempts"].items }.sorted {
                ($0["startedAt"].text ?? "") < ($1["startedAt"].text ?? "")
            }
            #expect(ids.last?["result"] == "error", "the retry comes last")
        }
    }

    @Test func `an error that disappears in the retry becomes a pass`() async throws {
        try await MiniForge.with { forge in
            let build = "mkdir '\(forge.root)/once' 2>&- && no-such-tool; true"
            try forge.project("tool", "stages: [{stage: build, run: \"\(build)\"}]")
            let run = try await forge.run()
            #expect(run.job("tool@local/head")["attempts"].all("result") == ["error", "passed"])
            #expect(run.job("tool@local/head")["verdict"] == "passing")
        }
    }

    @Test(arguments: [
        ("{attempt: 1s}", "while :; do echo x; sleep 0.1; done", "limit.attempt"),
        ("{silence: 1s}", "sleep 300", "limit.silence"),
    ])
    func `a time limit ends the attempt as timed out`(limits: String, script: String, reason: String) async throws {
        try await MiniForge.with { forge in
            try forge.stack("policy: {reruns: 0}")
            try forge.project("slow", "limits: \(limits)", "stages: [{stage: build, run: '\(script)'}]")
            let job = try await forge.run(expecting: 1).job("slow@local/head")
            #expect(job["result"] == "timedOut" && job["reasonCode"] == .text(reason) && job["fault"] == "unknown")
            #expect(job["stage"] == "build" && job["attempts"][0]["stages"][0]["exit"] == nil)
        }
    }

    @Test func `with failures and errors in one run the exit status is that of failures`() async throws {
        try await MiniForge.with { forge in
            try forge.project("red", "stages: [{stage: build, run: 'exit 1'}]")
            try forge.project("tool", "stages: [{stage: build, run: 'no-such-tool'}]")
            try await forge.run(expecting: 1)
        }
    }

    @Test func `a commit to ignored paths builds nothing, with that reason`() async throws {
        try await MiniForge.with { forge in
            let base = try forge.project("base")
            try forge.project("left", on: ["base"])
            try await forge.run()
            base.commit(["docs/a.md": "words"])
            let run = try await forge.run()
            #expect(run["builds"] == [] && run.job("base@local/head")["reason"]["code"] == "ignored-paths")
            #expect(run.job("left@local/head")["reason"]["code"] == "unchanged")
            #expect(run.job("base@local/head")["revision"] == .text(base.head()))
        }
    }

    @Test func `an upstream that installs the same files as before causes no builds downstream`() async throws {
        try await MiniForge.with { forge in
            let base = try forge.project("base")
            try forge.project("left", on: ["base"])
            try await forge.run()
            base.commit(["comment.c": "// no change\n"])
            let plan = try await forge.document("plan")
            #expect(plan.job("left@local/head")["conditional"] == true && plan.job("left@local/head")["key"] == nil)
            let run = try await forge.run()
            #expect(run["builds"].all("project") == ["base"])
            let left = run.job("left@local/head")
            #expect(left["action"] == "reuse" && left["reason"]["code"] == "cut-off" && left["attempts"] == [])
        }
    }

    @Test func `results go to standard output, progress to standard error, and --quiet prints no progress`()
        async throws
    {
        try await MiniForge.with { forge in
            try forge.project("base")
            let loud = try await forge.canary("run", environment: ["CI": "1"]).expect(0)
            #expect(loud.output.contains("base@local/head  passed  passing  never-built"), "\(loud.output)")
            #expect(loud.errors.contains("base@local/head: building (never-built)") && !loud.errors.contains("\u{1B}"))
            let quiet = try await forge.canary("run", "--quiet").expect(0)
            #expect(quiet.errors.isEmpty && quiet.output.contains("1 passed; 0 attempts"), "\(quiet.testDescription)")
        }
    }
}
