// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import CanaryTestSupport
import Foundation
import Testing

@testable import CanaryGit

@Suite("Git") final class GitTests {
    let temporary = TemporaryFolder()

    /// A `git` that is a script.
    private func fake(_ script: String, limits: GitLimits = GitLimits()) -> Git {
        temporary.write("fake/git", "#!/bin/sh\n\(script)\n", mode: 0o755)
        return Git(limits: limits, environment: ["PATH": "\(temporary("fake")):/usr/bin:/bin"])
    }

    private func run(_ git: Git, within limit: Duration = .seconds(20)) async throws(GitFailure) -> String {
        String(decoding: try await git.run(["x"], within: limit, otherwise: .unknown), as: UTF8.self)
    }

    private func isGone(_ file: String) async -> Bool {
        guard let pid = text(temporary(file)).flatMap({ Int32($0.trimmingCharacters(in: .whitespacesAndNewlines)) })
        else { return false }
        let deadline = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < deadline {
            let state = text("/proc/\(pid)/stat")
            if state == nil || state?.contains(") Z ") == true { return true }
            await Task.yield()
        }
        return false
    }

    @Test func `output is complete, and errors have the last lines`() async throws {
        #expect(try await run(fake("seq 1 100000")).utf8.count == 588_895)
        let words = "printf 'warning: x\\nfatal: \\033[31mno\\033[0m\\a way\\n' >&2"
        let failing = fake("echo noise; \(words); exit 128")
        await #expect(throws: GitFailure(reason: .unknown, detail: "fatal: no way")) { try await self.run(failing) }
    }

    @Test func `passwords in addresses are masked`() {
        #expect(GitWords.cleaned("https://bob:secret@h/x https://token@h/x") == "https://***@h/x https://***@h/x")
        #expect(GitWords.cleaned("ssh://git:pw@h/x ssh://git@h/x") == "ssh://git:***@h/x ssh://git@h/x")
    }

    @Test func `a missing git is an error`() async {
        let git = Git(environment: ["PATH": temporary("nowhere")])
        await #expect {
            try await git.run(["x"], within: .seconds(1), otherwise: .unknown)
        } throws: { ($0 as? GitFailure)?.reason == .environmentToolMissing }
    }

    @Test func `a git that ignores TERM is killed`() async {
        let git = fake("trap '' TERM; echo $$ > \(temporary("pid")); while :; do sleep 100; done")
        let start = ContinuousClock.now
        await #expect {
            try await run(git, within: .milliseconds(300))
        } throws: { ($0 as? GitFailure)?.reason == .fetchTimeout }
        #expect(ContinuousClock.now - start < .seconds(60))
        #expect(await isGone("pid"))
    }

    @Test func `a grandchild that holds the pipes delays nothing and is killed`() async throws {
        let git = fake("(trap '' TERM; exec sleep 100) & echo $! > \(temporary("pid")); echo answer")
        let start = ContinuousClock.now
        #expect(try await run(git) == "answer\n")
        #expect(ContinuousClock.now - start < .seconds(60))
        #expect(await isGone("pid"))
    }

    @Test func `cancelling a call kills its git`() async {
        let git = fake("echo $$ > \(temporary("pid")); echo >> \(temporary("up")); exec sleep 100")
        let task = Task { try await git.run(["x"], within: .seconds(60), otherwise: .unknown) }
        let deadline = ContinuousClock.now + .seconds(60)
        while text(temporary("up")) == nil, ContinuousClock.now < deadline { await Task.yield() }
        task.cancel()
        await #expect {
            try await task.value
        } throws: { ($0 as? GitFailure)?.reason == .environmentInterrupted }
        #expect(await isGone("pid"))
    }

    @Test func `the caller's repository does not leak in, the caller's configuration does`() async throws {
        let git = Git(environment: [
            "PATH": "/usr/bin:/bin", "GIT_DIR": "/nowhere", "GIT_INDEX_FILE": "/nowhere", "HOME": temporary.path,
            "GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "canary.word", "GIT_CONFIG_VALUE_0": "tweet",
        ])
        let answer = try await git.run(["config", "canary.word"], within: .seconds(20), otherwise: .unknown)
        #expect(answer == Array("tweet\n".utf8))
        let environment = GitEnvironment.made(from: ["GIT_DIR": "/x", "https_proxy": "p", "GIT_SSH": "plink"])
        #expect(environment["GIT_DIR"] == nil)
        #expect(environment["https_proxy"] == "p")
        #expect(environment["GIT_SSH_COMMAND"] == nil)
        #expect(GitEnvironment.made(from: [:])["GIT_SSH_COMMAND"] == "ssh -o BatchMode=yes")
    }
}
