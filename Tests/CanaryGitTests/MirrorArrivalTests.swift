// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import CanaryTestSupport
import Foundation
import Testing

@testable import CanaryGit

@Suite("Mirror: objects that arrive") final class MirrorArrivalTests {
    let temporary = TemporaryFolder()
    let origin: TestRepository
    let mirror: Mirror

    init() {
        origin = TestRepository(temporary("origin"))
        mirror = Mirror(
            project: "p", address: origin.path, folder: temporary("p.git"), git: CountedGit(temporary).git)
    }

    private func failure(_ body: () async throws -> Void) async -> GitFailure? {
        do {
            try await body()
            return nil
        } catch {
            return error as? GitFailure
        }
    }

    /// Trees that no honest tool writes.
    private var hostile: [String: String] {
        let file = origin.rawFile("x")
        let folder = origin.rawTree(("100644", "f", file))
        return [
            "duplicateEntries": origin.rawTree(
                ("120000", "a", file), ("100644", "a.b", file), ("40000", "a", folder)),
            "treeNotSorted": origin.rawTree(("100644", "b", file), ("100644", "a", file)),
            "fullPathname": origin.rawTree(("100644", "a/b", file)),
            "hasDotdot": origin.rawTree(("40000", "..", folder)),
            "hasDotgit": origin.rawTree(("40000", ".GIT", folder)),
            "gitmodulesSymlink": origin.rawTree(("120000", ".gitmodules", file)),
        ]
    }

    @Test func `trees that mislead are refused, with the object and what is wrong with it`() async throws {
        for (id, tree) in hostile {
            let commit = origin.rawCommit(tree)
            let failure = await failure { try await mirror.fetch(commit, branch: nil) }
            #expect(failure?.reason == .fetchCheckout, "\(id)")
            #expect(failure?.detail.contains(tree) == true || id == "gitmodulesSymlink")
            #expect(failure?.detail.contains("hint: if you trust it, accept that with `git config") == true)
            #expect(failure?.detail.contains("fetch.fsck.\(id) warn") == true, "\(failure?.detail ?? "")")
            #expect(!mirror.holds(commit) && FileManager.default.fileExists(atPath: mirror.folder))
            #expect(await mirror.firstHead(of: "main") == nil)
        }
    }

    @Test func `what old tools left in honest histories arrives`() async throws {
        let file = origin.rawFile("x")
        let padded = origin.rawTree(("040000", "d", origin.rawTree(("100664", "f", file))))
        let plain = origin.rawTree(("100644", "f", file))
        var commits = [origin.rawCommit(padded), origin.rawCommit(plain, also: "author B <b@b> 1 +0000\n")]
        for person in [
            "A <a@b> 1700000000 +051800", "A <a@b>1700000000 +0000", "A<a@b> 1700000000 +0000",
            "<a@b> 1700000000 +0000", "A 1700000000 +0000", "A <a@<b> 1700000000 +0000", "A> <a@b> 1700000000 +0000",
            "A <a@b> 0170000000 +0000", "A <a@b> 99999999999999999999999 +0000", "A <a@b> never +0000",
        ] {
            commits.append(origin.rawCommit(plain, by: person))
        }
        commits.append(origin.rawCommit(origin.rawTree(("160000", "m", String(repeating: "0", count: 40)))))
        for commit in commits {
            try await mirror.fetch(commit, branch: nil)
            #expect(mirror.holds(commit))
        }
        try await mirror.checkOut(
            commits[0], into: temporary("out"), subfolder: nil, submodules: true, ignoring: .none)
        #expect(text(temporary("out/d/f")) == "x")
    }

    @Test func `whoever accepts a quirk gets it`() async throws {
        let file = origin.rawFile("x")
        let commit = origin.rawCommit(origin.rawTree(("100644", "b", file), ("100644", "a", file)))
        temporary.write(".gitconfig", "[fetch \"fsck\"]\n treeNotSorted = warn\n[fetch]\n fsckObjects = false\n")
        try await mirror.fetch(commit, branch: nil)
        #expect(mirror.holds(commit))
    }
}
