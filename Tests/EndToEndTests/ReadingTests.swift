// SPDX-License-Identifier: Apache-2.0

import CanaryTestSupport
import Foundation
import Testing

@Suite("verbs that only read")
struct ReadingTests {
    @Test func `check, graph and plan leave no database and no lock behind`() async throws {
        try await MiniForge.with { forge in
            try forge.project("base")
            try forge.project("left", on: ["base"])
            let check = try await forge.document("check")
            #expect(check["ok"] == true && check["problems"] == [])
            let graph = try await forge.document("graph")
            #expect(
                graph["projects"][1] == [
                    "project": "left", "level": 1, "upstreams": [["project": "base", "optional": false]],
                ])
            #expect(!forge.exists("state"))
            let plan = try await forge.document("plan")
            #expect(plan["jobs"].all("action") == ["build", "build"] && plan["builds"].items.count == 2)
            #expect(plan.job("base@local/head")["key"].text?.count == 64 && plan.job("left@local/head")["key"] == nil)
            #expect(plan["builds"][1]["upstreams"] == ["base": plan.job("base@local/head")["key"]])
            for words in [["status"], ["history"], ["history", "base@local/head"], ["status", "base@local/head"]] {
                try await forge.start(bare: words + ["--stack", forge.manifests, "--state", forge.state]).end().expect(
                    0)
            }
            let names = try FileManager.default.contentsOfDirectory(atPath: forge.state)
            #expect(names == ["mirrors"], "\(names)")
        }
    }

    @Test func `a plan shows what the run then does`() async throws {
        try await MiniForge.with { forge in
            let base = try forge.project("base")
            try forge.project("left", on: ["base"])
            try await forge.run()
            base.commit(["api.h": "keep more\n"])
            let plan = try await forge.document("plan")
            #expect(plan.job("base@local/head")["reason"]["code"] == "head-moved")
            #expect(plan.job("left@local/head")["reason"]["code"] == "upstream-changed")
            let text = try await forge.canary("plan", "--verbose").expect(0)
            #expect(
                text.output.contains("build: sh -eu \"$CANARY_SOURCE/build.sh\"")
                    && text.output.contains("2 builds to make"))
            let run = try await forge.run()
            #expect(run.job("base@local/head")["key"] == plan.job("base@local/head")["key"])
            #expect(run["jobs"].all("revision") == plan["jobs"].all("revision"))
        }
    }

    @Test func `the graph is drawn in four ways`() async throws {
        try await MiniForge.with { forge in
            try forge.project("base")
            try forge.project("left", "upstreams: [{project: base, optional: true}]")
            try forge.project("right")
            let text = try await forge.canary("graph").expect(0)
            #expect(
                text.output.contains(/LEVEL +PROJECT +UPSTREAMS\n/) && text.output.contains(/1 +left +base\?/),
                "\(text.output)")
            let dot = try await forge.canary("graph", "--format", "dot").expect(0)
            #expect(dot.output.contains("\"base\" -> \"left\" [style=dashed];"))
            let mermaid = try await forge.canary("graph", "--format", "mermaid", "--downstream-of", "base").expect(0)
            #expect(mermaid.output == "graph LR\n  base\n  left\n  base -.-> left\n")
            let json = try await forge.canary("graph", "--format", "json").expect(0).document()
            #expect(json["projects"].all("project") == ["base", "right", "left"])
        }
    }

    @Test func `every id can be shown, as text and as a document`() async throws {
        try await MiniForge.with { forge in
            try forge.project("red", files: ["build.sh": "echo 'a.c:1: error: no'; exit 1\n"])
            let run = try await forge.run(expecting: 1)
            let job = run.job("red@local/head")
            let episode = try #require(run["transitions"][0]["episode"].text)
            let (id, key) = (try #require(run["run"].text), try #require(job["key"].text))
            let attempt = try #require(job["attempts"][0]["attempt"].text)
            for name in [id, attempt, episode, key, String(key.prefix(8))] {
                try await forge.canary("show", name).expect(0)
                let document = try await forge.document("show", name)
                #expect(document["schema"].text?.hasPrefix("canary.") == true)
            }
            #expect(try await forge.document("show", id) == run)
            let shown = try await forge.document("show", attempt)
            #expect(shown["reasonCode"] == job["reasonCode"] && shown["key"] == .text(key) && shown["run"] == .text(id))
            let status = try await forge.canary("status", "red@local/head").expect(0)
            #expect(status.output.contains("red@local/head: suspected since ") && status.output.contains(episode))
            let history = try await forge.document("history", "red@local/head")
            #expect(history["entries"][0]["run"] == .text(id) && history["entries"][0]["result"] == "failed")
            let runs = try await forge.document("history")
            #expect(runs["runs"].all("run") == [id] && runs["runs"][0]["state"] == "finished")
        }
    }

    @Test func `status depends on history alone`() async throws {
        try await MiniForge.with { forge in
            try forge.project("base")
            let none = try await forge.document("status")
            #expect(none["generatedAt"] == nil && none.job("base@local/head")["verdict"] == "unknown")
            try await forge.run()
            let (first, second) = (
                try await forge.canary("status", "--json"), try await forge.canary("status", "--json")
            )
            #expect(first.output == second.output)
            let status = try second.document()
            #expect(status.job("base@local/head")["lastResult"] == "passed" && status["stack"] == "mini")
            #expect(status["nextRunBy"] != nil, "the default schedule is daily")
        }
    }

    @Test func `a log has stage headings and no escapes, and --raw prints its bytes`() async throws {
        try await MiniForge.with { forge in
            try forge.project(
                "base",
                """
                stages:
                  - {stage: configure, run: 'printf "\\033[31mred\\033[0m"'}
                  - {stage: build, run: 'true'}
                  - {stage: install, run: 'echo done; echo oops >&2'}
                """)
            let run = try await forge.run()
            let id = try #require(run.job("base@local/head")["attempts"][0]["attempt"].text)
            let log = try await forge.canary("log", id).expect(0)
            #expect(log.output == "==> configure\nred\n==> build\n==> install\ndone\noops\n")
            let raw = try await forge.canary("log", id, "--raw").expect(0)
            #expect(raw.data == Data("\u{1B}[31mred\u{1B}[0mdone\noops\n".utf8))
        }
    }

    @Test func `a log can be followed while it grows, and readers never wait`() async throws {
        try await MiniForge.with { forge in
            try forge.project(
                "base",
                "stages: [{stage: build, run: 'echo one; until test -e ../../../go; do sleep 0.05; done; echo two'}]")
            let running = try forge.start("run", "--json")
            try await running.until { running.errorsSoFar.contains("building") }
            let id = try #require(running.errorsSoFar.firstMatch(of: /a\d{12}-[0-9a-f]{8}/)).output
            let log = try forge.start("log", String(id), "--follow")
            try await log.until { log.outputSoFar.contains("one") }
            let status = try await forge.document("status")
            #expect(status.job("base@local/head")["verdict"] == "unknown")
            let show = try await forge.document("show", String(id))
            #expect(show["result"] == nil && show["state"] == "running")
            try await forge.canary("plan").expect(0)
            #expect(log.isRunning)
            try forge.write("state/go", "")
            try await running.end().expect(0)
            let ended = try await log.end().expect(0)
            #expect(ended.output == "one\ntwo\n", "\(ended.output)")
        }
    }
}
