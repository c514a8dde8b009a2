// SPDX-License-Identifier: Apache-2.0

import CanaryTestSupport
import Foundation
import Glibc
import Testing

@Suite("interrupted and refused searches with a command")
struct BisectCommandEndsTests {
    private static func broken(from culprit: Int) -> (Int) -> String { { $0 >= culprit ? "bad" : "good" } }

    /// What a search must leave alone.
    private func surroundings(of repository: SearchedRepository) async throws -> [String] {
        let git = { (words: [String]) in
            try await repository.forge.shell("git \(words.joined(separator: " "))", in: "work").expect(0).output
        }
        let index = FileManager.default.contents(atPath: repository.path + "/.git/index") ?? Data()
        return try await [
            git(["status", "--porcelain", "--branch"]), git(["for-each-ref"]), git(["worktree", "list"]),
            git(["stash", "list"]), git(["diff"]), contents(repository.path + "/.git/HEAD"), "\(index.hashValue)",
        ]
    }

    @Test func `a checkout in the middle of work is not touched`() async throws {
        try await MiniForge.with { forge in
            let repository = SearchedRepository(forge, count: 32, state: Self.broken(from: 20))
            try forge.write("work/number", "mine\n")
            try forge.write("work/new", "mine\n")
            forge.git("add", "new", in: repository.path)
            try forge.write("work/untracked", "mine\n")
            _ = try await surroundings(of: repository)
            let before = try await surroundings(of: repository)
            let found = try await repository.search("grep -q good state")
            #expect(found["culprit"]["revision"] == .text(repository.commits[20]))
            #expect(try await surroundings(of: repository) == before)
            #expect(
                contents("\(repository.path)/untracked") == "mine\n"
                    && contents("\(repository.path)/number") == "mine\n")
        }
    }

    /// A command that says that it began, and answers when it finds a permit, of which each serves once.
    private func waiting(_ forge: MiniForge) -> String {
        """
        cat number >> '\(forge.root)/calls'
        until mv '\(forge.root)/permit' '\(forge.root)/used' 2> /dev/null; do sleep 0.01; done
        grep -q good state
        """
    }

    @Test func `a kill -9 after each probe does not change which probes are chosen`() async throws {
        try await MiniForge.with { forge in
            let repository = SearchedRepository(forge, count: 24, state: Self.broken(from: 15))
            let script = waiting(forge)
            var answered = 0
            while true {
                let program = try repository.start([], "sh", "-c", script)
                let calls = contents("\(forge.root)/calls")
                try await program.until { contents("\(forge.root)/calls") != calls || !program.isRunning }
                try forge.write("permit", "")
                answered += 1
                let line = "probe \(answered): "
                try await waitUntil { program.errorsSoFar.contains(line) || !program.isRunning }
                if !program.isRunning {
                    try await program.end().expect(0)
                    break
                }
                program.send(SIGKILL)
                try await program.end().expect(137)
                processes(mentioning: forge.root).forEach { kill($0, SIGKILL) }
                try #require(answered < 40)
            }
            let interrupted = try await repository.start([], "sh", "-c", script).end().expect(0).document()
            let straight = try await repository.search("grep -q good state")
            func path(_ document: JSON) -> [[JSON]] {
                document["probes"].items.map { [$0["phase"], $0["position"], $0["answer"]] }
            }
            // The last one may be killed when all was answered.
            #expect(path(interrupted) == path(straight) && answered <= path(straight).count + 1)
        }
    }

    private func waitUntil(_ condition: () -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(60)
        while !condition() {
            try #require(ContinuousClock.now < deadline)
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    @Test func `processes that a killed search left running are ended by the next one`() async throws {
        try await MiniForge.with { forge in
            let repository = SearchedRepository(forge, count: 8, state: Self.broken(from: 4))
            let script = """
                if mkdir '\(forge.root)/begun'; then (trap '' TERM; sleep 1000) & touch '\(forge.root)/up'; sleep 1000; fi
                grep -q good state
                """
            let program = try repository.start([], "sh", "-c", script)
            try await program.until { forge.exists("up") }
            program.send(SIGKILL)
            try await program.end().expect(137)
            #expect(processes(mentioning: forge.root).isEmpty == false)
            let found = try await repository.start([], "sh", "-c", script).end().expect(0).document()
            #expect(found["culprit"]["revision"] == .text(repository.commits[4]))
            #expect(processes(mentioning: forge.root) == [])
        }
    }

    @Test(arguments: [SIGINT, SIGTERM])
    func `a signal stops the command, and the search can be continued`(signal: Int32) async throws {
        try await MiniForge.with { forge in
            let repository = SearchedRepository(forge, count: 24, state: Self.broken(from: 15))
            let script = waiting(forge)
            let program = try repository.start([], "sh", "-c", script)
            for answered in 1...3 {
                try forge.write("permit", "")
                try await program.until { program.errorsSoFar.contains("probe \(answered): ") }
            }
            program.send(signal)
            let ended = try await program.end().expect(130)
            #expect(ended.output.isEmpty && processes(mentioning: forge.root) == [])
            #expect(!forge.exists("work/.git/canary/worktrees"))
            let next = try repository.start([], "sh", "-c", script)
            try await next.until {
                if !forge.exists("permit") { try? forge.write("permit", "") }
                return next.errorsSoFar.contains("continues from 3 stored probes")
                    && next.errorsSoFar.contains("probe 6: ")
            }
            next.send(signal)
            try await next.end().expect(130)
        }
    }

    @Test func `a command that cannot be executed is reported at once`() async throws {
        try await MiniForge.with { forge in
            let repository = SearchedRepository(forge, count: 8, state: Self.broken(from: 4))
            try forge.write("text", "echo\n")
            for command in ["./nowhere", "no-such-program", "\(forge.root)/text", "/etc"] {
                let ended = try await repository.start([], command).end().expect(2)
                #expect(ended.errors.contains("cannot be executed"), "\(ended.errors)")
                #expect(ended.output.isEmpty && !ended.errors.contains("probe 1"))
            }
            let ended = try await repository.start([], "sh", "nowhere.sh").end().expect(2)
            #expect(ended.errors.contains("`nowhere.sh` for `sh` exists neither") && ended.errors.contains("hint: "))
        }
    }

    @Test func `a command that can be executed at no commit is an error, at some commits an answer`() async throws {
        try await MiniForge.with { forge in
            let repository = SearchedRepository(forge, count: 32, state: Self.broken(from: 20))
            let wrong = try await repository.start([], "sh", "-c", "echo >> '\(forge.root)/calls'; no-such-program")
                .end().expect(2)
            #expect(wrong.errors.contains("ended with 127") && contents("\(forge.root)/calls").count == 2)
            let found = try await repository.search("grep -q good state || no-such-program")
            #expect(found["culprit"]["revision"] == .text(repository.commits[20]))
            #expect(found["probes"].items.contains { $0["exit"] == 127 && $0["answer"] == "fail" })
        }
    }

    @Test func `exit statuses from 128 stop the search and are not stored`() async throws {
        try await MiniForge.with { forge in
            let repository = SearchedRepository(forge, count: 32, state: Self.broken(from: 20))
            let script = "[ -e '\(forge.root)/well' ] || exit 128; grep -q good state"
            let stopped = try await repository.start([], "sh", "-c", script).end().expect(3)
            #expect(stopped.errors.contains("ended with 128") && stopped.errors.contains("hint: "))
            try await repository.start([], "sh", "-c", "kill -SEGV $$").end().expect(3)
            try forge.write("well", "")
            let found = try await repository.search(script)
            #expect(found["culprit"]["revision"] == .text(repository.commits[20]))
        }
    }

    @Test func `two revisions without a range between them are refused with a hint`() async throws {
        try await MiniForge.with { forge in
            let repository = SearchedRepository(forge, count: 8, state: Self.broken(from: 4))
            let (old, new) = (repository.commits[2], repository.commits[6])
            let stranger = forge.git(
                "commit-tree", "HEAD^{tree}", "-m", "stranger", in: repository.path)
            let cases: [([String], String, String)] = [
                (["--bad", old], new, "swapped"), (["--bad", new], new, "the same commit"),
                (["--bad", stranger], old, "no common ancestor"),
                ([], String(repeating: "1", count: 40), "force-push"), ([], "no-such-branch", "no such commit"),
                (["--bad", "-x"], old, "Missing value"),
            ]
            for (options, good, words) in cases {
                let ended = try await repository.start(options, good: good, "true").end().expect(2)
                #expect(ended.errors.contains(words) && ended.output.isEmpty, "\(words): \(ended.errors)")
                #expect(words == "Missing value" || ended.errors.contains("hint: "), "\(ended.errors)")
            }
            let elsewhere = try await forge.start(
                bare: ["bisect", "command", "--repository", "\(forge.root)/home", "--good", "HEAD~1", "--", "true"])
                .end().expect(2)
            #expect(elsewhere.errors.contains("is not in a git repository"))
            forge.git(
                "clone", "--quiet", "--depth=3", "file://\(repository.path)", "\(forge.root)/shallow")
            let shallow = try await forge.start(
                bare: ["bisect", "command", "--repository", "\(forge.root)/shallow", "--good", old, "--", "true"])
                .end().expect(2)
            #expect(shallow.errors.contains("shallow") && shallow.errors.contains("--unshallow"))
        }
    }
}
