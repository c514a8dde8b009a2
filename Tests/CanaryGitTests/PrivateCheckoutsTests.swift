// SPDX-License-Identifier: Apache-2.0

import CanaryFiles
import CanaryModel
import CanaryTestSupport
import Foundation
import Glibc
import Testing

@testable import CanaryGit

@Suite("PrivateCheckouts") final class PrivateCheckoutsTests {
    let temporary = TemporaryFolder()
    let origin: TestRepository

    init() { origin = TestRepository(temporary("origin")) }

    private func checkouts(
        _ settings: [(key: String, value: String)] = [], in state: String? = nil
    ) async throws -> PrivateCheckouts {
        let repository = try await Repository.open(
            origin.path, git: UserSettings.git(settings, home: temporary))
        return PrivateCheckouts(
            of: repository, in: state.map { StateFolder(path: $0) } ?? repository.state,
            environment: ["TMPDIR": temporary.path])
    }

    /// Every file below `folder` with kind, permissions, size and content, except our own state.
    private func listing(_ folder: String) -> [String] {
        let words = ["find", ".", "-path", "*/.git/canary", "-prune", "-o", "-printf", "%y %m %s %p %l\n"]
        let sums = ["sh", "-c", "find . -type f -not -path '*/canary/*' -exec cksum {} +"]
        return (shell(words, in: folder) + "\n" + shell(sums, in: folder)).split(separator: "\n").map(String.init)
            .sorted()
    }

    /// What is in a checkout, without its git directory.
    private func contents(_ path: String) -> [String] {
        listing(path).filter { !$0.contains("./.git/") && !$0.hasSuffix("./.git ") }.filter { !$0.hasPrefix("d ") }
    }

    private func commits() -> (String, String) {
        let first = origin.commit([
            "a": "1\n", "dos": "x\r\ny\r\n", "d/b": "2\n", ".gitattributes": "*.bin binary\n", ".gitignore": "*.o\n",
        ])
        origin.git("update-index", "--add", "--chmod=+x", "a")
        symlink("a", origin.path + "/link")
        origin.git("update-index", "--add", "link")
        origin.git("update-index", "--add", "--cacheinfo", "160000,\(first),sub")
        origin.git("-c", "user.name=A", "-c", "user.email=a@b", "commit", "--quiet", "-m", "kinds")
        let second = origin.git("rev-parse", "HEAD")
        return (second, origin.commit(["a": "3\n", "d/b": nil, "e/f/g": "4\n"]))
    }

    @Test func `no setting of a user changes what is checked out`() async throws {
        let (first, second) = commits()
        temporary.write("attributes", "* text eol=crlf ident\n")
        temporary.write("excludes", "left*\n")
        let bare = try await checkouts()
        try await bare.checkOut(first, in: 0)
        let expected = contents(bare.path(0))
        #expect(expected.contains { $0.hasPrefix("l ") } && expected.contains { $0.hasPrefix("f 755 2 ./a") })
        bare.remove()
        for settings in UserSettings.sets {
            let checkouts = try await checkouts(settings)
            if settings.count > 1 {
                try await checkouts.checkOut(second, in: 0)
                temporary.write(String(checkouts.path(0).dropFirst(temporary.path.count + 1)) + "/left.o", "x")
            }
            try await checkouts.checkOut(first, in: 0)
            #expect(contents(checkouts.path(0)) == expected, "\(settings)")
            checkouts.remove()
        }
    }

    @Test func `settings of the repository itself change nothing either`() async throws {
        let (first, _) = commits()
        let bare = try await checkouts()
        try await bare.checkOut(first, in: 0)
        let expected = contents(bare.path(0))
        bare.remove()
        for setting in UserSettings.all where setting.key != "safe.bareRepository" {
            origin.git("config", setting.key, setting.value)
        }
        origin.git("config", "core.worktree", temporary("elsewhere"))
        let checkouts = try await checkouts()
        try await checkouts.checkOut(first, in: 0)
        #expect(contents(checkouts.path(0)) == expected)
        let root = shell(["git", "rev-parse", "--show-toplevel"], in: checkouts.path(0))
        #expect(root == checkouts.path(0))
    }

    /// What commands leave behind, as shell scripts.
    private static let leftovers = [
        "mkfifo pipe", "python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind(\"s\")'", "mkdir empty",
        "chmod 600 a", "chmod 500 d", "echo x > x.o", "git init -q nested && touch nested/y", "ln -s / root",
        "echo x > sub/filled", "rmdir sub", "mkdir -p sub/.git", "rm a && mkfifo a", "rm -r d && echo x > d",
        "git update-index --assume-unchanged a && echo x > a", "git update-index --skip-worktree a && rm a",
        "cp -p a /tmp/a.$$ && echo 9 > a && touch -r /tmp/a.$$ a; rm /tmp/a.$$",
        "git tag left && git branch leftover", "git config core.autocrlf true", "touch .git/index.lock",
        "git checkout -q -b mine && git -c user.name=A -c user.email=a@b commit -q --allow-empty -m mine",
        "git sparse-checkout set d", "mkdir .git/rebase-apply && touch .git/rebase-apply/applying",
        "git -c user.name=A -c user.email=a@b stash -q; echo 1 >> a; git -c user.name=A -c user.email=a@b stash -q",
        "git rm -q --cached a", "rm -r .git", "echo broken > .git/HEAD", "echo broken > .git/index",
        "git worktree add -q --detach other",
        "git submodule add -q ./. again 2> /dev/null || mkdir -p .git/modules/again",
        "git merge -q --no-commit HEAD~1 2> /dev/null; echo '*' > .git/info/exclude",
    ]

    @Test(arguments: leftovers)
    func `whatever a command leaves behind is gone at the next commit`(_ script: String) async throws {
        let (first, second) = commits()
        let before = listing(origin.path)
        let checkouts = try await checkouts()
        try await checkouts.checkOut(second, in: 1)
        let expected = contents(checkouts.path(1))
        try await checkouts.checkOut(first, in: 0)
        let path = checkouts.path(0)
        shell(["sh", "-c", script], in: path)
        try await checkouts.checkOut(second, in: 0)
        #expect(contents(path) == expected)
        #expect(shell(["git", "status", "--porcelain", "--ignored"], in: path) == "")
        #expect(shell(["git", "for-each-ref", "--format=%(refname)"], in: path) == "refs/heads/main")
        #expect(shell(["git", "rev-parse", "HEAD"], in: path) == second)
        checkouts.remove()
        #expect(listing(origin.path) == before)
    }

    @Test func `a clean checkout is used again`() async throws {
        let (first, second) = commits()
        let checkouts = try await checkouts()
        try await checkouts.checkOut(first, in: 0)
        var (before, after) = (stat(), stat())
        stat(checkouts.path(0) + "/.git/config", &before)
        for revision in [second, first, second] {
            try await checkouts.checkOut(revision, in: 0)
            shell(
                ["sh", "-c", "git status; echo x > x.o; mkdir -p o; echo x > o/p; echo x >> a"], in: checkouts.path(0))
        }
        stat(checkouts.path(0) + "/.git/config", &after)
        #expect(before.st_ino == after.st_ino)
    }

    @Test func `the user's repository is as it was, with worktrees that are absent, locked or elsewhere`() async throws
    {
        let (first, second) = commits()
        for name in ["absent", "locked", "here"] {
            origin.git("worktree", "add", "--quiet", "--detach", temporary("disk/\(name)"), first)
        }
        origin.git("worktree", "lock", temporary("disk/locked"))
        temporary.write("disk/absent/staged", "mine")
        shell(["git", "add", "staged"], in: temporary("disk/absent"))
        rename(temporary("disk/absent"), temporary("away"))
        temporary.write("origin/.git/hooks/post-checkout", "#!/bin/sh\ntouch \(temporary("hooked"))\n", mode: 0o755)
        let before = listing(origin.path)
        let checkouts = try await checkouts()
        for revision in [first, second, first] { try await checkouts.checkOut(revision, in: 0) }
        shell(
            ["sh", "-c", "git tag x; git config a.b c; git gc -q; git worktree prune; git stash"], in: checkouts.path(0)
        )
        try await checkouts.checkOut(second, in: 0)
        #expect(listing(origin.path) == before)
        checkouts.remove()
        #expect(listing(origin.path) == before)
        #expect(text(temporary("hooked")) == nil)
    }

    @Test func `checkouts lie outside of every git directory, in a folder of this user alone`() async throws {
        let (first, _) = commits()
        let own = try await checkouts()
        #expect(own.path(0).hasPrefix("\(temporary.path)/canary-\(getuid())/origin-") && !own.path(0).contains("/."))
        try await own.checkOut(first, in: 0)
        own.remove()
        #expect(!Folder.exists(temporary("canary-\(getuid())")))
        // A folder that others can write is not used.
        try Folder.make(temporary("canary-\(getuid())"))
        chmod(temporary("canary-\(getuid())"), 0o777)
        let other = try await checkouts()
        #expect(!other.path(0).hasPrefix(temporary.path))
        let stated = try await checkouts(in: temporary("state"))
        #expect(stated.path(3) == temporary("state/checkouts/3"))
    }

    @Test func `refs, submodules and the alternates of the user can be used in a checkout`() async throws {
        let (first, _) = commits()
        origin.tag("v1.0", at: first)
        origin.git("update-ref", "refs/canary/\(first)", first)
        let checkouts = try await checkouts()
        try await checkouts.checkOut(first, in: 0)
        #expect(shell(["git", "describe", "--tags"], in: checkouts.path(0)) == "v1.0")
        #expect(shell(["git", "for-each-ref", "refs/canary"], in: checkouts.path(0)) == "")
        #expect(shell(["git", "config", "remote.origin.url"], in: checkouts.path(0)) == origin.path)
        checkouts.remove()
    }
}
