// SPDX-License-Identifier: Apache-2.0

import CanaryTestSupport
import Foundation
import Glibc
import Testing

@Suite("bisect upstream")
struct BisectUpstreamTests {
    /// A year ago, a minute apart.
    private static func second(_ number: Int) -> Int { 1_700_000_000 + 60 * number }

    /// Commits `count` changes to what a project installs; from `culprit` on without the word that others need.
    private func grow(_ origin: TestRepository, count: Int, culprit: Int?, offset: Int = 0) async throws -> [String] {
        var commits: [String] = []
        for number in 1...count {
            let word = culprit.map { number >= $0 } ?? false ? "gone" : "keep"
            commits.append(
                origin.commit(
                    ["api.h": "\(word) \(number)\n"], at: Self.second(10 * number + offset)))
        }
        return commits
    }

    /// A green run of `base` and of `top` on it, then one in which `top` is red since commit `culprit` of `base`.
    ///
    /// - Parameter script: what the build of `top` does first.
    /// - Returns: the commits of `base`.
    private func redden(
        _ forge: MiniForge, base build: String = "", top script: String, count: Int, culprit: Int
    ) async throws -> [String] {
        let base = try forge.project("base", files: ["build.sh": "\(build)\n\(MiniForge.installs)\n"])
        let lines = """
            \(script)
            grep -q keep "$CANARY_UPSTREAM_BASE/include/base.h" || { echo "error: it is gone"; exit 1; }
            \(MiniForge.installs)

            """
        try forge.project("top", on: ["base"], files: ["build.sh": lines])
        try await forge.run()
        let commits = try await grow(base, count: count, culprit: culprit)
        try await forge.run(expecting: 1)
        return commits
    }

    private func bisect(
        _ forge: MiniForge, _ words: String..., expecting status: Int = 0, location: SourceLocation = #_sourceLocation
    ) async throws -> JSON {
        try await forge.start(
            bare: ["bisect", "upstream", "--json", "--stack", forge.manifests, "--state", forge.state] + words
        ).end(location: location).expect(status, location: location).document(location: location)
    }

    @Test func `names the commit of the one upstream that changed, and shares builds with runs`() async throws {
        try await MiniForge.with { forge in
            let base = try forge.project("base")
            try forge.project("top", on: ["base"])
            try await forge.run()
            let commits = try await grow(base, count: 12, culprit: 8)
            try await forge.run(expecting: 1)
            let found = try await bisect(forge, "top")
            #expect(found["result"] == "culprit" && found["culprit"]["project"] == "base")
            #expect(
                found["culprit"]["revision"] == .text(commits[7]) && found["culprit"]["parent"] == .text(commits[6]))
            #expect(found["firstError"]["text"].text?.contains("'keep' was not declared") == true)
            #expect(found["surface"]["changed"].all("name") == ["base.h"])
            let runs = try await forge.document("history")["runs"].items
            #expect(runs.allSatisfy { $0["trigger"] != "probe" || $0["judged"] == false })
            // Asked again, nothing is built.
            let again = try await bisect(forge, "top")
            #expect(again == found)
            #expect(try await forge.document("history")["runs"].items.count == runs.count)
            let shown = try await forge.document("show", try #require(found["search"].text))
            #expect(shown == found)
            let fresh = try await bisect(forge, "top", "--fresh")
            #expect(fresh["culprit"] == found["culprit"] && fresh["search"] != found["search"])
            #expect(
                fresh["probes"].items.contains { $0["reused"] == true }, "stored results of the same keys are evidence")
            // A run at the parent finds what the search built.
            let run = try await forge.run("top", "--at", "base=\(commits[6])")
            #expect(run.job("top@local/head")["action"] == "reuse")
        }
    }

    @Test func `reports what it found, and how to check it`() async throws {
        try await MiniForge.with { forge in
            let base = try forge.project("base")
            try forge.project("top", on: ["base"])
            try await forge.run()
            let commits = try await grow(base, count: 6, culprit: 3)
            try await forge.run(expecting: 1)
            let ended = try await forge.canary("bisect", "upstream", "top").expect(0)
            #expect(ended.output.contains("culprit: base \(commits[2])") && ended.errors.contains("probe 1: base "))
            let check = try #require(ended.output.firstMatch(of: /check +canary (.*)/)?.1)
            let words = check.split(separator: " ").map(String.init)
            let checked = try await forge.start(bare: words + ["--stack", forge.manifests, "--state", forge.state])
                .end()
            checked.expect(1)
        }
    }

    @Test func `finds which of several upstreams broke the project, and that its commit breaks it alone`() async throws
    {
        try await MiniForge.with { forge in
            let (left, right) = (try forge.project("left"), try forge.project("right"))
            try forge.project("top", on: ["left", "right"])
            try await forge.run()
            _ = try await grow(left, count: 6, culprit: nil)
            let commits = try await grow(right, count: 6, culprit: 4, offset: 5)
            try await forge.run(expecting: 1)
            let found = try await bisect(forge, "top")
            #expect(found["culprit"]["project"] == "right" && found["culprit"]["revision"] == .text(commits[3]))
            #expect(found["commits"] == 12 && found["interaction"] == nil)
            let one = try await bisect(forge, "top", "--upstream", "right")
            #expect(one["commits"] == 6 && one["culprit"]["revision"] == .text(commits[3]))
        }
    }

    @Test func `names two commits that break only together`() async throws {
        try await MiniForge.with { forge in
            let (left, right) = (try forge.project("left"), try forge.project("right"))
            let build = """
                if grep -q gone "$CANARY_UPSTREAM_LEFT/include/left.h" && grep -q gone "$CANARY_UPSTREAM_RIGHT/include/right.h"
                then echo "top.c:1:1: error: 'both' was not declared"; exit 1; fi
                \(MiniForge.installs)

                """
            try forge.project("top", on: ["left", "right"], files: ["build.sh": build])
            try await forge.run()
            let first = try await grow(left, count: 5, culprit: 2)
            let second = try await grow(right, count: 5, culprit: 4, offset: 5)
            try await forge.run(expecting: 1)
            let found = try await bisect(forge, "top")
            #expect(found["interaction"]["first"]["revision"] == .text(first[1]))
            #expect(found["interaction"]["second"]["revision"] == .text(second[3]))
        }
    }

    @Test func `uses given revisions where there was no run`() async throws {
        try await MiniForge.with { forge in
            let base = try forge.project("base")
            let top = try forge.project("top", on: ["base"])
            let good = base.head()
            let commits = try await grow(base, count: 8, culprit: 5)
            let none = try await forge.canary("bisect", "upstream", "top").expect(2)
            #expect(none.errors.contains("no last known good") && none.errors.contains("--good"))
            let found = try await bisect(forge, "top", "--upstream", "base", "--good", good)
            #expect(found["culprit"]["revision"] == .text(commits[4]))
            let swapped = try await forge.canary(
                "bisect", "upstream", "top", "--upstream", "base", "--good", commits[7], "--bad", good
            ).expect(2)
            #expect(swapped.errors.contains("swapped"))
            // Its own commits, with all else at the heads.
            _ = base.commit(["api.h": "keep\n"], at: Self.second(200))
            let start = top.head()
            var own: [String] = []
            for number in 1...4 {
                own.append(
                    top.commit(
                        ["build.sh": number >= 3 ? "exit 1 # \(number)\n" : "true # \(number)\n"],
                        at: Self.second(300 + number)))
            }
            let mine = try await bisect(forge, "top", "--good", start)
            #expect(mine["culprit"]["project"] == "top" && mine["culprit"]["revision"] == .text(own[2]))
        }
    }

    @Test func `reports when nothing changed, and refuses what is not an upstream`() async throws {
        try await MiniForge.with { forge in
            try forge.project("base")
            try forge.project("other")
            try forge.project("top", on: ["base"])
            try await forge.run()
            let still = try await bisect(forge, "top", expecting: 1)
            #expect(still["result"] == "nothingMoved" && still["builds"] == 0)
            let stranger = try await forge.canary("bisect", "upstream", "top", "--upstream", "other").expect(2)
            #expect(stranger.errors.contains("is not an upstream of `top`"))
            let unknown = try await forge.canary("bisect", "upstream", "tap").expect(2)
            #expect(unknown.errors.contains("did you mean `top`?"))
        }
    }

    /// A header with a macro that `top` needs, in `base`; the macro goes with one of `count` commits.
    private func loseMacro(
        _ forge: MiniForge, count: Int, culprit: Int, run: (MiniForge) async throws -> Void
    ) async throws -> [String] {
        let header = "#ifndef A_H\n#define A_H 1\n#define BASE_API 1\n#endif\n"
        let base = try forge.project("base", files: ["api.h": header])
        let build = """
            echo >> '\(forge.root)/tops'
            grep -q BASE_API "$CANARY_UPSTREAM_BASE/include/base.h" || {
                echo "top.c:3:1: error: 'BASE_API' was not declared in this scope"; exit 1; }
            \(MiniForge.installs)

            """
        try forge.project("top", on: ["base"], files: ["build.sh": build])
        var commits = [base.head()]
        try await run(forge)
        for number in 1...count {
            let line = number >= culprit ? "" : "#define BASE_API 1\n"
            commits.append(
                base.commit(
                    ["api.h": "#ifndef A_H\n#define A_H 1\n\(line)#define NUMBER \(number)\n#endif\n"],
                    at: Self.second(number)))
        }
        return commits
    }

    @Test func `builds the upstream alone when it no longer installs what the error names`() async throws {
        try await MiniForge.with { forge in
            let commits = try await loseMacro(forge, count: 32, culprit: 21) { try await $0.run() }
            try await forge.run(expecting: 1)
            let before = contents("\(forge.root)/tops").count
            let found = try await bisect(forge, "top")
            #expect(found["culprit"]["revision"] == .text(commits[21]))
            #expect(found["evidence"]["project"] == "base" && found["evidence"]["name"] == "BASE_API")
            #expect(found["surface"]["went"].all("name") == ["BASE_API"])
            let spent = contents("\(forge.root)/tops").count - before
            #expect(spent <= 6, "\(spent) builds of the downstream")
        }
    }

    @Test func `without a judged run, the names come from the first probe that fails`() async throws {
        try await MiniForge.with { forge in
            let commits = try await loseMacro(forge, count: 32, culprit: 9) { _ in }
            let found = try await bisect(forge, "top", "--upstream", "base", "--good", commits[0])
            #expect(found["culprit"]["revision"] == .text(commits[9]))
            #expect(found["evidence"]["name"] == "BASE_API")
            let spent = contents("\(forge.root)/tops").count
            #expect(spent <= 8, "\(spent) builds of the downstream")
            let again = try await bisect(forge, "top", "--upstream", "base", "--good", commits[0])
            #expect(again == found && contents("\(forge.root)/tops").count == spent)
        }
    }

    @Test func `probes that fail for infrastructure reasons end the search, and are forgotten`() async throws {
        try await MiniForge.with { forge in
            let base = try forge.project("base")
            let build = """
                test ! -e '\(forge.root)/broken' || { no-such-tool; exit 127; }
                grep -q keep "$CANARY_UPSTREAM_BASE/include/base.h" || { echo "error: it is gone"; exit 1; }
                \(MiniForge.installs)

                """
            try forge.project("top", on: ["base"], files: ["build.sh": build])
            let good = base.head()
            let commits = try await grow(base, count: 8, culprit: 5)
            try forge.write("broken", "")
            let words = ["bisect", "upstream", "top", "--upstream", "base", "--good", good]
            let stopped = try await forge.start(
                bare: words + ["--stack", forge.manifests, "--state", forge.state]
            ).end()
            #expect(
                stopped.status == 3 && stopped.errors.contains("probes failed for infrastructure reasons"),
                "\(stopped.errors)")
            try FileManager.default.removeItem(atPath: "\(forge.root)/broken")
            let found = try await bisect(forge, "top", "--upstream", "base", "--good", good)
            #expect(found["culprit"]["revision"] == .text(commits[4]))
            #expect(found["probes"].items.allSatisfy { $0["answer"] != "error" })
        }
    }

    @Test func `refuses a good revision of another history, or of none`() async throws {
        try await MiniForge.with { forge in
            let base = try forge.project("base")
            try forge.project("top", on: ["base"])
            _ = try await grow(base, count: 2, culprit: nil)
            let stranger = base.commit(["api.h": "keep\n"], on: "elsewhere")
            let unrelated = try await forge.canary(
                "bisect", "upstream", "top", "--upstream", "base", "--good", stranger
            ).expect(2)
            #expect(unrelated.errors.contains("no common ancestor") && unrelated.errors.contains("hint: "))
            let gone = String(repeating: "0123456789", count: 4)
            let missing = try await forge.canary("bisect", "upstream", "top", "--upstream", "base", "--good", gone)
                .expect(2)
            #expect(missing.errors.contains("force-push") && !missing.errors.contains("refs/canary"))
        }
    }

    @Test func `run --bisect searches jobs that became suspected, as long as probes are left`() async throws {
        try await MiniForge.with { forge in
            let base = try forge.project("base")
            try forge.project("top", on: ["base"])
            try await forge.run("--bisect")
            let commits = try await grow(base, count: 8, culprit: 5)
            let ended = try await forge.canary("run", "--bisect").expect(1)
            #expect(ended.output.contains("top@local/head: culprit: base \(commits[4])"), "\(ended.output)")
            try await forge.run("--bisect", expecting: 1)
            let searches = try await forge.document("history")["runs"].items.filter { $0["trigger"] == "probe" }
            _ = base.commit(["api.h": "keep\n"], at: Self.second(500))
            try forge.stack("limits: {probes: \(searches.count)}")
            try await forge.run()
            _ = try await grow(base, count: 2, culprit: 1, offset: 600)
            let spent = try await forge.canary("run", "--bisect").expect(1)
            #expect(spent.errors.contains("no probe is left for today"), "\(spent.errors)")
        }
    }

    @Test func `several probes run at the same time, and build no upstream twice`() async throws {
        try await MiniForge.with { forge in
            // Each build of `top` notes how many there are while it runs.
            let counting = """
                mkdir -p '\(forge.root)/now'; mark='\(forge.root)/now/'$$; : >"$mark"
                sleep 0.4; ls '\(forge.root)/now' | wc -l >>'\(forge.root)/counts'; rm "$mark"
                """
            let commits = try await redden(
                forge, base: "echo $CANARY_REVISION >>'\(forge.root)/bases'", top: counting, count: 20, culprit: 13)
            let found = try await bisect(forge, "top", "--jobs", "4", "--fresh")
            #expect(found["culprit"]["revision"] == .text(commits[12]))
            let counts = contents("\(forge.root)/counts").split(separator: "\n").compactMap { Int($0) }
            #expect(counts.max() == 4, "\(counts)")
            let bases = contents("\(forge.root)/bases").split(separator: "\n")
            #expect(bases.count > 4 && Set(bases).count == bases.count, "\(bases)")
        }
    }

    @Test func `after a kill -9 it continues, and builds nothing twice`() async throws {
        try await MiniForge.with { forge in
            // With a gate, the sixth build waits there to be killed.
            let waiting = """
                echo >>'\(forge.root)/tops'
                while test -e '\(forge.root)/gate' && test "$(wc -l <'\(forge.root)/tops')" -gt 5; do sleep 0.05; done
                """
            let commits = try await redden(forge, top: waiting, count: 12, culprit: 8)
            try forge.write("gate", "")
            let program = try forge.start("bisect", "upstream", "top", "--json")
            try await program.until {
                program.errorsSoFar.contains("probe 1: ") && contents("\(forge.root)/tops").count > 5
            }
            program.send(SIGKILL)
            try await program.end().expect(137)
            try FileManager.default.removeItem(atPath: "\(forge.root)/gate")
            let next = try await forge.canary("bisect", "upstream", "top", "--json").expect(0)
            #expect(next.errors.contains(/continues from \d stored probes/))
            let found = try next.document()
            #expect(found["culprit"]["revision"] == .text(commits[7]))
            #expect(found["probes"].items.map { $0["n"].number } == (1...found["probes"].items.count).map(Double.init))
        }
    }
}
