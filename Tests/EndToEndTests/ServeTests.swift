// SPDX-License-Identifier: Apache-2.0

import CanaryTestSupport
import Foundation
import Glibc
import Testing

@Suite("serve") struct ServeTests {
    private static let waits = "stages: [{stage: build, run: 'until test -e ../../../go; do sleep 0.05; done'}]"

    @Test func `a request over HTTP builds, and every document shows it`() async throws {
        try await MiniForge.with { forge in
            try forge.project("base")
            try forge.project("app", on: ["base"])
            try await Site.with(forge) { (site: Site) async throws in
                #expect(try await site.get("/lkg/local.json").status == 404)
                #expect(try await site.document("/status.json").job("app@local/head")["verdict"] == "unknown")
                let id = try await site.ask(#"{"kind": "run", "projects": [], "variants": [], "lanes": []}"#)
                let request = try await site.request(id, is: "finished")
                let run = try #require(request["run"].text)
                let document = try await site.document("/runs/\(run).json")
                #expect(document.job("app@local/head")["result"] == "passed" && document["trigger"] == "request")
                #expect(try await site.document("/status.json").job("app@local/head")["verdict"] == "passing")
                #expect(try await site.document("/badge/app@local/head.json")["message"] == "passing")
                #expect(try await site.document("/lkg/local.json")["run"] == .text(run))
                let attempt = try #require(document.job("app@local/head")["attempts"][0]["attempt"].text)
                #expect(try await site.get("/attempts/\(attempt)").status == 200)
                #expect(try await site.get("/attempts/\(attempt)/log").status == 200)
                for page in ["/", "/jobs/app@local/head", "/runs/\(run)"] {
                    #expect(try await site.get(page).text.contains("app"), "\(page)")
                }
            }
            #expect(try await forge.document("status").job("app@local/head")["verdict"] == "passing")
        }
    }

    @Test func `run becomes a request to the daemon, and follows it`() async throws {
        try await MiniForge.with { forge in
            let base = try forge.project("base")
            try await Site.with(forge) { (site: Site) async throws in
                let run = try await forge.run()
                #expect(run.job("base@local/head")["result"] == "passed" && run["trigger"] == "manual")
                base.commit(["api.h": nil])
                let broken = try await forge.canary("run", "--json", "--trigger", "me").expect(1).document()
                #expect(broken.job("base@local/head")["result"] == "failed" && broken["trigger"] == "me")
                let refused = try await forge.canary("run", "nobody").expect(2)
                #expect(refused.errors.contains("no project `nobody`"))
                let id = try await forge.canary("run", "--detach", "--force").expect(0).output
                    .trimmingCharacters(in: .whitespacesAndNewlines)
                try await site.request(id, is: "finished")
                try await forge.canary("run", "--no-wait").expect(3)
            }
        }
    }

    @Test func `cancel stops running and waiting requests`() async throws {
        try await MiniForge.with { forge in
            try forge.project("base", Self.waits)
            try await Site.with(forge) { (site: Site) async throws in
                let first = try await site.ask(#"{"kind": "run"}"#)
                let second = try await site.ask(#"{"kind": "run"}"#)
                let third = try await site.ask(#"{"kind": "run"}"#)
                try await site.until("it builds") { try await site.get("/metrics").text.contains("attempts_running 1") }
                try await forge.canary("cancel", second).expect(0)
                #expect(try await site.document("/requests/\(second).json")["state"] == "cancelled")
                let run = try #require(try await site.document("/requests/\(first).json")["run"].text)
                try await forge.canary("cancel", run).expect(0)
                try await site.request(first, is: "cancelled")
                #expect(try await site.document("/runs/\(run).json")["state"] == "interrupted")
                let cancelling = try await site.ask("{\"kind\": \"cancel\", \"id\": \"\(third)\"}")
                try await site.request(third, is: "cancelled")
                try await site.request(cancelling, is: "finished")
                let unknown = try await forge.canary("cancel", "q0").expect(2)
                #expect(unknown.errors.contains("no open request or run has the id `q0`"))
            }
        }
    }

    @Test func `SIGTERM stops it within five seconds, streams and builds included, and the next one continues`()
        async throws
    {
        try await MiniForge.with { forge in
            try forge.project("base", Self.waits)
            var id = ""
            try await Site.with(forge) { (site: Site) async throws in
                id = try await site.ask(#"{"kind": "run"}"#)
                try await site.until("it builds") { try await site.get("/metrics").text.contains("attempts_running 1") }
                let run = try #require(try await site.document("/requests/\(id).json")["run"].text)
                let attempt = try await site.document("/runs/\(run).json").job("base@local/head")["attempts"][0][
                    "attempt"
                ].text
                let followed = "/attempts/\(try #require(attempt))/log?follow=1"
                // Open when the signal comes; they end with the daemon.
                Task { _ = try? await site.get(followed) }
                Task { _ = try? await site.get("/events") }
                try await site.until("both are open") { try await site.get("/metrics").text.contains("streams 2") }
            }
            let between = try await forge.document("history")
            #expect(between["runs"].all("state") == ["interrupted"])
            try forge.write("state/go", "")
            try await Site.with(forge) { (site: Site) async throws in
                let request = try await site.request(id, is: "finished")
                let run = try #require(request["run"].text)
                #expect(try await site.document("/runs/\(run).json").job("base@local/head")["result"] == "passed")
            }
        }
    }

    @Test func `after a kill at any moment the next one continues where it stopped`() async throws {
        try await MiniForge.with { forge in
            try forge.project("base", Self.waits)
            let killed = try await Site.start(forge)
            let id = try await killed.ask(#"{"kind": "run"}"#)
            try await killed.until("it builds") { try await killed.get("/metrics").text.contains("attempts_running 1") }
            killed.program.send(SIGKILL)
            _ = try await killed.program.end()
            try forge.write("state/go", "")
            try await Site.with(forge) { (site: Site) async throws in
                try await site.request(id, is: "finished")
                let key = try #require(try await site.document("/lkg/local.json")["keys"]["base"].text)
                let build = try await forge.document("show", key)
                #expect(build["attempts"].items.map { $0["state"] }.prefix(2) == ["interrupted", "finished"])
            }
        }
    }

    @Test func `a new commit starts a run of what it may have broken`() async throws {
        try await MiniForge.with { forge in
            try forge.stack("schedule: null", "poll: 1s")
            let base = try forge.project("base")
            try forge.project("app", on: ["base"])
            try forge.project("other")
            try await forge.run()
            try await Site.with(forge) { (site: Site) async throws in
                base.commit(["api.h": "gone\n"])
                try await site.until("it is suspected") {
                    try await site.document("/status.json").job("app@local/head")["verdict"] == "suspected"
                }
                let news = try await site.document("/feed.json")["items"]
                #expect(news.items.count == 1 && news[0]["_canary"]["job"] == "app@local/head")
                let run = try #require(news[0]["_canary"]["run"].text)
                let document = try await site.document("/runs/\(run).json")
                #expect(document["trigger"] == "poll")
                #expect(document.job("other@local/head")["reason"]["code"] == "not-selected")
            }
        }
    }

    @Test func `the daily build hours limit what the daemon starts by itself`() async throws {
        try await MiniForge.with { forge in
            try forge.stack("schedule: null", "poll: 1s", "limits: {hours: 0}")
            try forge.project("base")
            try await Site.with(forge) { (site: Site) async throws in
                try await site.until("a run ended") {
                    try await site.get("/metrics").text.contains(#"canary_runs_total{state="finished"} 1"#)
                }
                let run = try #require(try await forge.document("history")["runs"][0]["run"].text)
                let job = try await site.document("/runs/\(run).json").job("base@local/head")
                #expect(job["action"] == "skip" && job["reason"]["code"] == "budget")
                #expect(try await forge.run().job("base@local/head")["result"] == "passed", "people may ask for more")
            }
        }
    }

    @Test func `backups are made on time, and old ones are removed`() async throws {
        try await MiniForge.with { forge in
            try forge.stack("schedule: null", "backup: {to: ../backups, every: 1s, keep: 2}")
            try forge.project("base")
            try await forge.run()
            func names() -> [String] {
                ((try? FileManager.default.contentsOfDirectory(atPath: "\(forge.root)/backups")) ?? []).sorted()
            }
            try await Site.with(forge) { (site: Site) async throws in
                let first = try await { () async throws -> [String] in
                    try await site.until("there is one") { !names().isEmpty }
                    return names()
                }()
                try await site.until("older ones go") { names().count == 2 && !names().contains(first[0]) }
            }
            let newest = try #require(names().last)
            try await forge.start(
                bare: [
                    "restore", "\(forge.root)/backups/\(newest)", "--force", "--stack", forge.manifests, "--state",
                    forge.state,
                ]
            ).end().expect(0)
        }
    }

    @Test func `a port in use is reported, and nothing is left behind`() async throws {
        try await MiniForge.with { forge in
            try forge.project("base")
            try await Site.with(forge) { (site: Site) async throws in
                let second = try await forge.start(
                    bare: [
                        "serve", "--port", "\(site.port)", "--stack", forge.manifests, "--state", "\(forge.root)/other",
                    ]
                ).end(within: 10).expect(3)
                #expect(second.errors.contains("cannot listen on `127.0.0.1:\(site.port)`: address already in use"))
                #expect(second.errors.contains("hint: "))
                try await forge.canary("serve", "--no-wait", "--port", "0").expect(3)
            }
            try await forge.canary("serve", "--port", "70000").expect(2)
        }
    }

    @Test func `feed and lock write the same documents as the server`() async throws {
        try await MiniForge.with { forge in
            let base = try forge.project("base")
            let none = try await forge.canary("lock").expect(1)
            #expect(none.errors.contains("`local` has no last known good yet"))
            try await forge.run()
            let out = "\(forge.root)/site"
            let feed = try await forge.canary("feed", "--out", out, "--json").expect(0).document()
            #expect(feed["written"] == feed["files"])
            #expect(try await forge.canary("feed", "--out", out, "--json").expect(0).document()["written"] == 0)
            let lock = try await forge.canary("lock").expect(0).document()
            #expect(
                lock["schema"] == "canary.lkg/1" && contents("\(out)/lkg/local.json").contains(lock["run"].text ?? "?"))
            try forge.write("lock.json", try await forge.canary("lock").output)
            try await Site.with(forge) { (site: Site) async throws in
                for name in ["status.json", "feed.json", "lkg/local.json", "badge/base@local/head.json"] {
                    #expect(try await site.get("/\(name)").text == contents("\(out)/\(name)"), "\(name)")
                }
            }
            base.commit(["api.h": "keep 2\n"])
            try await forge.run()
            let moved = try await forge.canary("lock", "--compare", "\(forge.root)/lock.json", "--json").expect(0)
                .document()
            #expect(moved["moved"].items.count == 1 && moved["moved"][0]["from"] == lock["revisions"]["base"])
            let old = try await forge.run("--lock", "\(forge.root)/lock.json")
            #expect(old["judged"] == false && old["snapshot"]["revisions"]["base"] == lock["revisions"]["base"])
            try await forge.canary("lock", "--variant", "loca").expect(2)
        }
    }
}
