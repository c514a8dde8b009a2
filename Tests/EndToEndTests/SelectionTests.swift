// SPDX-License-Identifier: Apache-2.0

import CanaryTestSupport
import Foundation
import Testing

@Suite("choosing what to build")
struct SelectionTests {
    private func chain(_ forge: MiniForge) async throws -> TestRepository {
        let base = try forge.project("base")
        try forge.project("left", on: ["base"])
        try forge.project("top", on: ["left"])
        try forge.project("right")
        return base
    }

    @Test func `a named project is built with the upstreams it needs, and nothing else`() async throws {
        try await MiniForge.with { forge in
            _ = try await chain(forge)
            let run = try await forge.run("left")
            #expect(run["builds"].all("project") == ["base", "left"] && run["builds"][0]["jobs"] == [])
            #expect(
                run.job("left@local/head")["result"] == "passed" && run.job("left@local/head")["verdict"] == "passing")
            for name in ["base@local/head", "right@local/head", "top@local/head"] {
                #expect(run.job(name)["action"] == "skip" && run.job(name)["reason"]["code"] == "not-selected")
                #expect(run.job(name)["result"] == "skipped" && run.job(name)["verdict"] == "unknown")
            }
            let below = try await forge.run("base", "--downstream")
            #expect(below["builds"].all("project") == ["top"] && below.job("right@local/head")["action"] == "skip")
        }
    }

    @Test func `variants and lanes narrow a run`() async throws {
        try await MiniForge.with { forge in
            try forge.stack("variants: {a: {}, b: {lanes: [head, platform]}}")
            try forge.project("base")
            let a = try await forge.run("--variant", "a")
            #expect(a["jobs"].all("action") == ["build", "skip", "skip"])
            let platform = try await forge.run("--lane", "platform", "--variant", "b")
            #expect(
                platform["jobs"].all("action") == ["skip", "skip", "reuse"]
                    || platform["jobs"].all("action") == ["skip", "skip", "build"])
            for words in [
                ["--variant", "c"], ["--lane", "side"], ["nobody"], ["--downstream"], ["--until", "fetch"],
            ] {
                let ended = try await forge.start(
                    bare: ["run", "--stack", forge.manifests, "--state", forge.state] + words
                ).end()
                ended.expect(2)
            }
        }
    }

    @Test func `--failed builds only jobs whose last result is not a pass`() async throws {
        try await MiniForge.with { forge in
            _ = try await chain(forge)
            try forge.project("red", files: ["build.sh": "exit 1\n"])
            try await forge.run(expecting: 1)
            let again = try await forge.run("--failed", expecting: 1)
            #expect(
                again["builds"].all("project") == ["red"] && again.job("red@local/head")["reason"]["code"] == "again")
            #expect(again.job("base@local/head")["reason"]["code"] == "not-selected")
            TestRepository(at: "\(forge.root)/forge/red.git").commit(["build.sh": "true\n"])
            try await forge.run()
            #expect(try await forge.run("--failed")["builds"] == [])
        }
    }

    @Test func `a forced build is compared with the stored tree and never replaces it`() async throws {
        try await MiniForge.with { forge in
            try forge.project("same")
            try forge.project("date", files: ["build.sh": "date +%s%N > \"$CANARY_PREFIX/date\"\n"])
            let first = try await forge.run()
            let key = try #require(first.job("date@local/head")["key"].text)
            let stored = contents("\(forge.state)/prefixes/date/\(key)/date")
            let forced = try await forge.run("--force")
            let attempt = forced.job("date@local/head")["attempts"][0]
            #expect(
                attempt["purpose"] == "forced" && attempt["unreproducible"] == true && attempt["result"] == "passed")
            #expect(forced.job("same@local/head")["attempts"][0]["unreproducible"] == false)
            #expect(forced.job("same@local/head")["reason"]["code"] == "forced")
            #expect(contents("\(forge.state)/prefixes/date/\(key)/date") == stored && !stored.isEmpty)
            #expect(forced.job("date@local/head")["key"] == .text(key))
            let kept = try FileManager.default.contentsOfDirectory(atPath: "\(forge.state)/prefixes/date")
            #expect(kept == [key], "the scratch prefix is gone")
            let show = try await forge.canary("show", key).expect(0)
            #expect(show.output.contains("forced: passed"), "\(show.output)")
        }
    }

    @Test func `--until stops early, changes no verdict, and is never reused as a whole build`() async throws {
        try await MiniForge.with { forge in
            let stages =
                "stages: [{stage: configure, run: 'true'}, {stage: build, run: 'sh -eu \"$CANARY_SOURCE/build.sh\"'}]"
            try forge.project("base", stages)
            try forge.project("left", on: ["base"])
            let part = try await forge.run("base", "--until", "configure")
            #expect(part["judged"] == false && part["transitions"] == [])
            #expect(part.job("base@local/head")["attempts"][0]["stages"].all("stage") == ["configure"])
            #expect(part.job("base@local/head")["verdict"] == "unknown")
            let whole = try await forge.run()
            #expect(whole["builds"].all("project") == ["base", "left"])
            #expect(whole.job("base@local/head")["key"] != part.job("base@local/head")["key"])
        }
    }

    @Test func `--at builds other revisions and changes no verdict`() async throws {
        try await MiniForge.with { forge in
            let base = try await chain(forge)
            let old = base.head()
            base.tag("v1")
            try await forge.run()
            let bad = base.commit(["api.h": "gone\n"], on: "topic", from: old)
            let run = try await forge.run("--at", "base=topic", expecting: 1)
            #expect(run["judged"] == false && run["transitions"] == [] && run["wouldTell"] == [])
            #expect(run.job("base@local/head")["revision"] == .text(bad))
            #expect(
                run.job("left@local/head")["result"] == "failed" && run.job("left@local/head")["verdict"] == "passing")
            #expect(try await forge.document("status").job("left@local/head")["firstKnownBad"] == nil)
            for name in [old, String(old.prefix(12)), "v1", "main"] {
                let same = try await forge.run("--at", "base=\(name)")
                #expect(same["builds"] == [] && same.job("base@local/head")["revision"] == .text(old))
            }
            for verb in ["plan", "run"] {
                let lost = try await forge.canary(verb, "--at", "base=nowhere").expect(2)
                #expect(lost.errors.contains("`base` has no revision `nowhere`"), "\(lost.errors)")
            }
        }
    }

    @Test func `--source builds another repository and changes no verdict`() async throws {
        try await MiniForge.with { forge in
            _ = try await chain(forge)
            try await forge.run()
            let fork = forge.repository("fork")
            let head = fork.commit(["api.h": "gone\n", "build.sh": MiniForge.installs])
            let run = try await forge.run("--source", "base=forge/fork.git", expecting: 1)
            #expect(run["judged"] == false && run["snapshot"]["revisions"]["base"] == .text(head))
            #expect(run.job("left@local/head")["result"] == "failed")
            #expect(try await forge.run()["builds"] == [], "the manifest's own repository is unmoved")
        }
    }

    @Test func `--lock builds exactly the given revisions and changes no verdict`() async throws {
        try await MiniForge.with { forge in
            let base = try await chain(forge)
            let old = base.head()
            try await forge.run()
            base.commit(["api.h": "gone\n"])
            try forge.write("lkg.json", #"{"schema": "canary.lkg/1", "revisions": {"base": "\#(old)"}}"#)
            let run = try await forge.run("--lock", "lkg.json")
            #expect(run["judged"] == false && run["snapshot"]["revisions"]["base"] == .text(old) && run["builds"] == [])
            for content in ["{", "{\"revisions\": {\"nobody\": \"\(old)\"}}", "{\"revisions\": {\"base\": \"-x\"}}"] {
                try forge.write("lkg.json", content)
                let ended = try await forge.canary("run", "--lock", "lkg.json")
                ended.expect(2)
            }
            try await forge.canary("run", "--lock", "nowhere.json").expect(2)
        }
    }
}
