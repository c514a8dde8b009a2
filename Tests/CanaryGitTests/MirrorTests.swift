// SPDX-License-Identifier: Apache-2.0

import CanaryFiles
import CanaryModel
import CanaryTestSupport
import Foundation
import Testing

@testable import CanaryGit

@Suite("Mirror") final class MirrorTests {
    let temporary = TemporaryFolder()
    let counted: CountedGit
    let origin: TestRepository
    let mirror: Mirror

    init() {
        counted = CountedGit(temporary)
        origin = TestRepository(temporary("origin"))
        mirror = Mirror(project: "p", address: origin.path, folder: temporary("mirrors/p.git"), git: counted.git)
    }

    private func reason(_ body: () async throws -> Void) async -> ReasonCode? {
        do {
            try await body()
            return nil
        } catch {
            return (error as? GitFailure)?.reason
        }
    }

    @Test func `heads and tags take one process and no mirror`() async throws {
        let first = origin.commit(["a": "1"])
        origin.git("tag", "-a", "v1.0", "-m", "one")
        origin.git("tag", "v1.1")
        origin.git("tag", "other")
        origin.git("branch", "x/main")
        let second = origin.commit(["a": "2"])
        let refs = try await mirror.remoteRefs(branch: "main", tags: "v*")
        #expect(refs == RemoteRefs(head: second, tags: ["v1.0": first, "v1.1": first]))
        #expect(try await mirror.remoteRefs(branch: "HEAD", tags: "v1.0").head == second)
        #expect(try await mirror.remoteRefs(branch: "HEAD", tags: "v1.0").tags == ["v1.0": first])
        #expect(try await mirror.remoteRefs(branch: "x/main", tags: nil) == RemoteRefs(head: first, tags: [:]))
        #expect(counted.count() == 4)
        #expect(!FileManager.default.fileExists(atPath: mirror.folder))
    }

    @Test func `the first fetch of a branch takes one process and keeps it`() async throws {
        let first = origin.commit(["a": "1"])
        #expect(await mirror.firstHead(of: "main") == first && mirror.holds(first))
        #expect(counted.count() == 1)
        let refs = shell(["git", "--git-dir", mirror.folder, "for-each-ref", "--format=%(refname)"])
        #expect(refs == "refs/canary/\(first)")
        origin.commit(["a": "2"])
        #expect(await mirror.firstHead(of: "main") == nil && counted.count() == 0)
    }

    @Test(arguments: ["gone", "-u", "$(touch OUT)", "a b", "*"])
    func `a first fetch that fails leaves nothing behind`(_ branch: String) async throws {
        origin.commit(["a": "1"])
        #expect(await mirror.firstHead(of: branch) == nil)
        let other = TestRepository(temporary("other"), format: "sha256")
        let head = other.commit(["a": "1"])
        let modern = Mirror(project: "q", address: other.path, folder: temporary("mirrors/q.git"), git: counted.git)
        #expect(await modern.firstHead(of: "main") == nil)
        try await modern.fetch(head, branch: "main")
        #expect(try FileManager.default.contentsOfDirectory(atPath: temporary("mirrors")) == ["q.git"])
        #expect(!FileManager.default.fileExists(atPath: temporary("OUT")) && modern.holds(head))
    }

    @Test func `a branch that is only the tail of another's name is missing`() async throws {
        origin.commit(["a": "1"])
        origin.git("branch", "x/gone")
        #expect(try await mirror.remoteRefs(branch: "gone", tags: nil).head == nil)
        origin.git("branch", "-m", "main", "trunk")
        #expect(try await mirror.remoteRefs(branch: "main", tags: nil).head == nil)
    }

    @Test(arguments: ["--upload-pack=touch OUT", "-u", "$(touch OUT)", "a;touch OUT", "`touch OUT`", "a b", "*"])
    func `the name of a branch is data`(_ name: String) async throws {
        origin.commit(["a": "1"])
        let name = name.replacingOccurrences(of: "OUT", with: temporary("owned"))
        #expect(try await mirror.remoteRefs(branch: name, tags: nil).head == nil)
        #expect(await reason { _ = try await mirror.resolve(name) } == .fetchRevisionMissing)
        let bad = Mirror(project: "p", address: name, folder: temporary("bad.git"), git: counted.git)
        #expect(await reason { _ = try await bad.remoteRefs(branch: "main", tags: nil) } == .fetchUnreachable)
        #expect(!FileManager.default.fileExists(atPath: temporary("owned")))
    }

    @Test func `a first fetch takes one process, a held revision none`() async throws {
        let head = origin.commit(["a": "1"])
        #expect(!mirror.holds(head))
        try await mirror.fetch(head, branch: "main")
        #expect(mirror.holds(head))
        #expect(counted.count() == 1)
        try await mirror.fetch(head, branch: "main")
        #expect(try await mirror.resolve(head) == head)
        #expect(counted.count() == 0)
        let next = origin.commit(["a": "2"])
        try await mirror.fetch(next, branch: nil)
        #expect(counted.count() == 1)
    }

    @Test func `a force-push loses nothing`() async throws {
        origin.commit(["a": "0"])
        let old = origin.commit(["a": "1"])
        try await mirror.fetch(old, branch: "main")
        origin.git("reset", "-q", "--hard", "HEAD~1")
        let new = origin.commit(["a": "2"])
        origin.git("reflog", "expire", "--expire=now", "--all")
        origin.git("gc", "-q", "--prune=now")
        try await mirror.fetch(new, branch: "main")
        #expect(mirror.holds(old) && mirror.holds(new))
        try await mirror.checkOut(old, into: temporary("out"), subfolder: nil, submodules: false, ignoring: .none)
        #expect(text(temporary("out/a")) == "1")
    }

    @Test func `a missing revision and a missing remote are different failures`() async throws {
        origin.commit(["a": "1"])
        let absent = String(repeating: "1", count: 40)
        #expect(await reason { try await mirror.fetch(absent, branch: "main") } == .fetchRevisionMissing)
        #expect(await reason { try await mirror.fetch(absent, branch: nil) } == .fetchRevisionMissing)
        #expect(await reason { try await mirror.fetch("abc", branch: nil) } == .fetchRevisionMissing)
        try FileManager.default.removeItem(atPath: origin.path)
        #expect(await reason { try await mirror.fetch(absent, branch: "main") } == .fetchUnreachable)
        await #expect(
            throws: GitFailure(
                reason: .fetchUnreachable,
                detail: "fatal: '\(origin.path)' does not appear to be a git repository; "
                    + "fatal: Could not read from remote repository.")
        ) { try await self.mirror.remoteRefs(branch: "main", tags: nil) }
    }

    @Test func `from a server that does not serve single commits the branch is fetched`() async throws {
        let old = origin.commit(["a": "1"])
        origin.commit(["a": "2"])
        origin.git("tag", "-a", "v1", "-m", "x", old)
        let strict = CountedGit(
            temporary,
            adding: [
                "GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "protocol.version", "GIT_CONFIG_VALUE_0": "0",
            ])
        for (number, branch) in ["main", nil].enumerated() {
            let mirror = Mirror(
                project: "p", address: origin.path, folder: temporary("mirrors/\(number).git"), git: strict.git)
            try await mirror.fetch(old, branch: branch)
            #expect(mirror.holds(old))
            #expect(strict.count() == 3)
        }
    }

    @Test func `tags come before branches before commits`() async throws {
        let first = origin.commit(["a": "1"])
        let second = origin.commit(["a": "2"])
        let third = origin.commit(["a": "3"])
        origin.git("tag", "-a", "name", "-m", "x", first)
        origin.git("branch", "name", second)
        origin.git("branch", "feature/x", second)
        origin.git("update-ref", "refs/pull/1/head", third)
        #expect(try await mirror.resolve("name") == first)
        #expect(try await mirror.resolve("feature/x") == second)
        #expect(try await mirror.resolve("HEAD") == third)
        #expect(try await mirror.resolve("refs/pull/1/head") == third)
        #expect(try await mirror.resolve(String(second.prefix(9))) == second)
        #expect(try await mirror.resolve(second.uppercased()) == second)
        for revision in [first, second, third] { #expect(mirror.holds(revision)) }
        #expect(await reason { _ = try await mirror.resolve("nothing") } == .fetchRevisionMissing)
        #expect(await reason { _ = try await mirror.resolve("0123456") } == .fetchRevisionMissing)
    }

    @Test func `a branch can be replaced by a branch below its name`() async throws {
        let first = origin.commit(["a": "1"])
        origin.git("branch", "topic")
        #expect(try await mirror.resolve(String(first.prefix(8))) == first)
        origin.git("branch", "-D", "topic")
        let second = origin.commit(["a": "2"])
        origin.git("branch", "topic/one")
        #expect(try await mirror.resolve(String(second.prefix(8))) == second)
    }

    @Test func `an incomplete mirror is created again`() async throws {
        let head = origin.commit(["a": "1"])
        try Folder.make(mirror.folder)
        temporary.write("mirrors/p.git/HEAD", "")
        try await mirror.fetch(head, branch: "main")
        #expect(mirror.holds(head))
        temporary.write("mirrors/p.git/config", "[core\n")
        let next = origin.commit(["a": "2"])
        try await mirror.fetch(next, branch: "main")
        #expect(mirror.holds(next))
        #expect(names(below: temporary("mirrors")).filter { $0.contains("new-") } == [])
    }

    @Test func `a lock of a dead git is removed, a live one is not`() async throws {
        try await mirror.fetch(origin.commit(["a": "0"]), branch: nil)
        let head = origin.commit(["a": "1"])
        let lock = temporary.write("mirrors/p.git/refs/canary/\(head).lock", "")
        let old = Date(timeIntervalSinceNow: -3600)
        try FileManager.default.setAttributes([.modificationDate: old], ofItemAtPath: lock)
        let live = temporary.write("mirrors/p.git/shallow.lock", "")
        try await mirror.fetch(head, branch: nil)
        #expect(mirror.holds(head))
        #expect(FileManager.default.fileExists(atPath: live))
    }

    @Test func `insteadOf of the environment is honoured`() async throws {
        let head = origin.commit(["a": "1"])
        let git = CountedGit(
            temporary,
            adding: [
                "GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "url.\(origin.path).insteadOf",
                "GIT_CONFIG_VALUE_0": "https://example.invalid/x.git",
            ]
        ).git
        let mirror = Mirror(
            project: "p", address: "https://example.invalid/x.git", folder: temporary("i.git"), git: git)
        #expect(try await mirror.remoteRefs(branch: "main", tags: nil).head == head)
        try await mirror.fetch(head, branch: nil)
        #expect(mirror.holds(head))
    }

    @Test func `a server that never answers ends in time`() async throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(listener) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let port = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                #expect(bind(listener, $0, size) == 0 && listen(listener, 5) == 0)
                #expect(getsockname(listener, $0, &size) == 0)
            }
            return UInt16(bigEndian: pointer.pointee.sin_port)
        }
        let git = CountedGit(temporary, limits: GitLimits(answer: .seconds(1), transfer: .seconds(1))).git
        let deaf = Mirror(project: "p", address: "git://127.0.0.1:\(port)/x", folder: temporary("d.git"), git: git)
        let start = ContinuousClock.now
        #expect(await reason { _ = try await deaf.remoteRefs(branch: "main", tags: nil) } == .fetchTimeout)
        let absent = String(repeating: "1", count: 40)
        #expect(await reason { try await deaf.fetch(absent, branch: nil) } == .fetchTimeout)
        #expect(ContinuousClock.now - start < .seconds(60))
    }

    @Test func `concurrent fetches of one mirror get along`() async throws {
        let revisions = (0..<8).map { origin.commit(["a": "\($0)"]) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for revision in revisions { group.addTask { [mirror] in try await mirror.fetch(revision, branch: nil) } }
            try await group.waitForAll()
        }
        for revision in revisions { #expect(mirror.holds(revision)) }
    }

    @Test func `a repository of SHA-256 is mirrored too`() async throws {
        let origin = TestRepository(temporary("modern"), format: "sha256")
        let head = origin.commit(["a": "1"])
        let mirror = Mirror(project: "p", address: origin.path, folder: temporary("m.git"), git: counted.git)
        #expect(try await mirror.remoteRefs(branch: "main", tags: nil).head == head)
        #expect(try await mirror.resolve(String(head.prefix(50))) == head)
        #expect(mirror.holds(head))
        #expect(try await mirror.source(at: head, ignoring: .none, folder: nil).tree.utf8.count == 64)
    }

    @Test func `a full disk is reported`() async throws {
        let noise = (0..<60_000).map { _ in String(UInt64.random(in: 0 ... .max), radix: 36) }.joined()
        let head = origin.commit(["big": noise])
        try await withDisk(of: "256k", at: temporary("small")) {
            let mirror = Mirror(project: "p", address: origin.path, folder: temporary("small/p.git"), git: counted.git)
            #expect(await reason { try await mirror.fetch(head, branch: nil) } == .environmentDiskFull)
        }
        try await mirror.fetch(head, branch: nil)
        try await withDisk(of: "256k", at: temporary("small")) {
            let out = temporary("small/out")
            let failed = await reason {
                try await mirror.checkOut(head, into: out, subfolder: nil, submodules: false, ignoring: .none)
            }
            #expect(failed == .environmentDiskFull)
        }
    }
}
