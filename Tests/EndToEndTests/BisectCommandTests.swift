// SPDX-License-Identifier: Apache-2.0

import CanaryTestSupport
import Foundation
import Glibc
import Testing

@Suite("bisect command")
struct BisectCommandTests {
    private static func broken(from culprit: Int) -> (Int) -> String { { $0 >= culprit ? "bad" : "good" } }
    private static let asksState = "grep -q good state"

    @Test func `names the commit, its parent and its author`() async throws {
        try await MiniForge.with { forge in
            let repository = SearchedRepository(forge, count: 64, state: Self.broken(from: 41))
            let found = try await repository.search(Self.asksState)
            #expect(found["result"] == "culprit" && found["confirmed"] == false && found["candidates"] == [])
            let culprit = found["culprit"]
            #expect(culprit["project"] == "work" && culprit["revision"] == .text(repository.commits[41]))
            #expect(culprit["parent"] == .text(repository.commits[40]) && culprit["author"] == "Ada")
            #expect(culprit["subject"] == "change 41" && culprit["committedAt"] == "2023-11-14T22:54:20Z")
            #expect((culprit["confidence"].number ?? 0) >= 0.99)
            #expect(found["builds"].number == Double(found["probes"].items.count))
            #expect((found["builds"].number ?? 99) <= 12)
        }
    }

    @Test func `shows its progress, and how to check the result by hand`() async throws {
        try await MiniForge.with { forge in
            let repository = SearchedRepository(forge, count: 16, state: Self.broken(from: 7))
            let words = ["bisect", "command", "--repository", repository.path, "--good", repository.commits[0], "--"]
            let ended = try await forge.start(bare: words + ["sh", "-c", "echo noise; \(Self.asksState)"]).end().expect(
                0)
            #expect(ended.output.contains("culprit: work \(repository.commits[7])\n  change 7\n"))
            #expect(ended.errors.contains("probe 1: work ") && ended.errors.contains("probes to go"))
            let check = try #require(ended.output.firstMatch(of: /check +(.*)/)?.1)
            let checked = try await forge.shell(String(check), in: "work")
            #expect(checked.status == 1 && checked.output == "noise\n")
            let log = try #require(ended.output.firstMatch(of: /log +(.*)/)?.1)
            #expect(contents(String(log)) == "noise\n")
            let loud = try await forge.start(
                bare: ["bisect", "command", "--fresh", "--verbose"] + words.dropFirst(2) + [
                    "sh", "-c", "echo noise; \(Self.asksState)",
                ]
            ).end().expect(0)
            #expect(loud.errors.contains("noise\n"))
        }
    }

    @Test func `is not misled by accidents`() async throws {
        try await MiniForge.with { forge in
            let repository = SearchedRepository(forge, count: 128, state: Self.broken(from: 90))
            // Of each commit every fifth try or so fails, always the same ones.
            let script = """
                n=$(cat number); echo >> '\(forge.root)/tries-'$n; t=$(wc -l < '\(forge.root)/tries-'$n)
                [ $(printf '%s-%s' $n $t | cksum | cut -c1-6) -gt 180000 ] || exit 1
                \(Self.asksState)
                """
            let found = try await repository.search(script, "--control-wait", "0s")
            #expect(found["culprit"]["revision"] == .text(repository.commits[90]))
        }
    }

    @Test func `reports a set if commits cannot be judged`() async throws {
        try await MiniForge.with { forge in
            let repository = SearchedRepository(forge, count: 40) { number in
                (20...22).contains(number) ? "torn" : number >= 21 ? "bad" : "good"
            }
            let found = try await repository.search("grep -q torn state && exit 125; \(Self.asksState)")
            #expect(found["result"] == "set" && found["culprit"] == nil)
            #expect(Set(found["candidates"].all("revision")) == Set(repository.commits[20...23]))
            #expect(found["probes"].all("answer").contains("untestable"))
        }
    }

    @Test func `says when nothing is broken, and when the good commit fails too`() async throws {
        try await MiniForge.with { forge in
            let repository = SearchedRepository(forge, count: 20) { _ in "good" }
            let flake = try await repository.search(Self.asksState, expecting: 1)
            #expect(flake["result"] == "flake" && flake["culprit"] == nil)
            let outage = try await repository.search("exit 1", "--control-wait", "0s", expecting: 1)
            #expect(outage["result"] == "environment")
            #expect(outage["probes"].all("phase").filter { $0 == "control" }.count >= 4)
        }
    }

    @Test func `searches inside a merge`() async throws {
        try await MiniForge.with { forge in
            func commit(_ mark: Int, _ state: String, on branch: String, from: [Int]) -> String {
                let parents = from.enumerated().map { "\($0 == 0 ? "from" : "merge") :\($1)\n" }.joined()
                let subject = from.count > 1 ? "Merge pull request #7 from topic" : "c\(mark)"
                return """
                    commit refs/heads/\(branch)
                    mark :\(mark)
                    committer A <a@canary.invalid> \(1_700_000_000 + mark) +0000
                    data \(subject.utf8.count)
                    \(subject)
                    \(parents)M 100644 inline state
                    data \(state.utf8.count + 1)
                    \(state)


                    """
            }
            var stream = commit(1, "good", on: "main", from: [])
            for mark in 2...6 { stream += commit(mark, "good", on: "main", from: [mark - 1]) }
            for mark in 7...14 {
                stream += commit(mark, mark >= 11 ? "bad" : "good", on: "topic", from: [mark == 7 ? 3 : mark - 1])
            }
            stream += commit(15, "bad", on: "main", from: [6, 14])
            for mark in 16...20 { stream += commit(mark, "bad", on: "main", from: [mark - 1]) }
            let repository = SearchedRepository(forge, stream: stream, marks: 20)
            let found = try await repository.search(Self.asksState)
            #expect(found["result"] == "culprit" && found["culprit"]["revision"] == .text(repository.commits[10]))
            #expect(found["culprit"]["merges"] == [.text(repository.commits[14])])
            let again = try await repository.search(Self.asksState)
            #expect(again == found)
        }
    }

    @Test func `four workers need few rounds`() async throws {
        try await MiniForge.with { forge in
            let repository = SearchedRepository(forge, count: 512, state: Self.broken(from: 333))
            let script =
                "echo + >> '\(forge.root)/pulse'; sleep 0.5; echo - >> '\(forge.root)/pulse'; \(Self.asksState)"
            let found = try await repository.search(script, "--jobs", "4")
            #expect(found["culprit"]["revision"] == .text(repository.commits[333]))
            var (depth, most, rounds) = (0, 0, 0)
            for sign in contents("\(forge.root)/pulse").split(separator: "\n") {
                depth += sign == "+" ? 1 : -1
                most = max(most, depth)
                rounds += depth == 0 ? 1 : 0
            }
            #expect(most == 4 && rounds <= 7, "\(rounds) rounds")
        }
    }

    @Test func `--confirm builds parent and culprit again, and the result is stored`() async throws {
        try await MiniForge.with { forge in
            let repository = SearchedRepository(forge, count: 16, state: Self.broken(from: 9))
            let first = try await repository.search(Self.asksState)
            let confirmed = try await repository.search(Self.asksState, "--confirm")
            #expect(first["confirmed"] == false && confirmed["confirmed"] == true)
            #expect(confirmed["confirmationBuilds"] == 4 && confirmed["builds"] == first["builds"])
            #expect(try await repository.search(Self.asksState)["confirmed"] == true)
        }
    }

    @Test func `starts over with --fresh, or when the script has changed`() async throws {
        try await MiniForge.with { forge in
            let repository = SearchedRepository(forge, count: 16, state: Self.broken(from: 9))
            try forge.script("check", "#!/bin/sh\necho >> '\(forge.root)/calls'\n\(Self.asksState)\n")
            func calls() -> Int { contents("\(forge.root)/calls").count }
            let first = try await repository.start([], "./check").end().expect(0).document()
            let made = calls()
            let again = try await repository.start([], "./check").end().expect(0).document()
            #expect(calls() == made && again == first)
            try await repository.start(["--fresh"], "./check").end().expect(0)
            #expect(calls() == 2 * made)
            try forge.script("check", "#!/bin/sh\n# another\necho >> '\(forge.root)/calls'\n\(Self.asksState)\n")
            try await repository.start([], "./check").end().expect(0)
            #expect(calls() == 3 * made)
        }
    }

    @Test func `runs the command with the caller's variables, without input, in a clean checkout`() async throws {
        try await MiniForge.with { forge in
            let repository = SearchedRepository(forge, count: 8, state: Self.broken(from: 5))
            let script = """
                [ "$WORD" = given ] || exit 200
                [ -z "$(cat)" ] || exit 201
                [ "$PWD" = "$(git rev-parse --show-toplevel)" ] || exit 202
                [ ! -e made ] || exit 203
                [ "$(git rev-parse HEAD:number)" = "$(git hash-object number)" ] || exit 204
                touch made; mkdir -p deep/er; touch deep/er/file; echo torn > number
                grep -q good state
                """
            let program = try forge.start(
                bare: [
                    "bisect", "command", "--repository", repository.path, "--good", repository.commits[0], "--json",
                    "--", "sh", "-c", script,
                ], environment: ["WORD": "given", "GIT_DIR": "/nowhere/git"])
            let found = try await program.end().expect(0).document()
            #expect(found["culprit"]["revision"] == .text(repository.commits[5]))
        }
    }
}
