// SPDX-License-Identifier: Apache-2.0

import CanaryFiles
import CanaryModel
import CanaryTestSupport
import Foundation
import Testing

@testable import CanaryGit

/// Repositories that are small, and whose checkouts or transfers are not.
@Suite("Mirror: limits of checkouts and transfers", .timeLimit(.minutes(5))) final class CheckoutLimitTests {
    let temporary = TemporaryFolder()
    let origin: TestRepository
    let mirror: Mirror

    init() {
        origin = TestRepository(temporary("origin"))
        mirror = Mirror(
            project: "p", address: origin.path, folder: temporary("p.git"), git: CountedGit(temporary).git)
    }

    private func checkOut(
        _ revision: String, with git: Git? = nil, submodules: Bool = true, within limits: CheckoutLimits = .init()
    ) async -> GitFailure? {
        let mirror = Mirror(
            project: "p", address: origin.path, folder: temporary("p.git"), git: git ?? self.mirror.git)
        do throws(GitFailure) {
            try await self.mirror.fetch(revision, branch: nil)
            try await mirror.checkOut(
                revision, into: temporary("out"), subfolder: nil, submodules: submodules, ignoring: .none,
                within: limits)
            return nil
        } catch {
            return error
        }
    }

    private func limits(_ change: (inout CheckoutLimits) -> Void) -> CheckoutLimits {
        var limits = CheckoutLimits()
        change(&limits)
        return limits
    }

    /// A tree that has `object` under `count` names.
    private func tree(of object: String, mode: String = "40000", count: Int = 1000) -> String {
        let entries = (0..<count).map { (mode: mode, name: String($0 + 1000), object: object) }
        return origin.rawTree(entries)
    }

    /// A commit of five objects whose checkout has 10^9 files, or as many empty folders.
    private func bomb(ofFolders: Bool = false) -> String {
        let leaf = ofFolders ? tree(of: origin.rawTree([])) : tree(of: origin.rawFile("x"), mode: "100644")
        return origin.rawCommit(tree(of: tree(of: leaf)))
    }

    @Test(arguments: [false, true]) func `a tree of 10^9 files or folders is refused unwritten`(folders: Bool) async {
        let failure = await checkOut(bomb(ofFolders: folders))
        #expect(failure?.reason == .fetchCheckout)
        #expect(failure?.detail.hasPrefix("its tree takes more than 122.1 MiB to list") == true)
        #expect(failure?.detail.contains("hint: look at the commits that brought them") == true)
        #expect(
            names(below: temporary("out")) == [] && names(below: temporary.path).allSatisfy { !$0.contains("index") })
    }

    @Test func `such a tree has no hash either`() async throws {
        let head = bomb()
        try await mirror.fetch(head, branch: nil)
        let rules = try IgnoreRules(patterns: ["docs/**"])
        let failure = await #expect(throws: GitFailure.self) {
            _ = try await self.mirror.source(at: head, ignoring: rules, folder: nil)
        }
        #expect(failure?.reason == .fetchCheckout && failure?.detail.contains("to list") == true)
    }

    @Test func `a submodule counts as a part of the whole`() async {
        let inner = TestRepository(temporary("inner"))
        let commit = inner.commit(["a/b/c": "123", "d": "456"])
        let modules = origin.rawFile("[submodule \"s\"]\n\tpath = s\n\turl = \(inner.path)\n")
        let head = origin.rawCommit(origin.rawTree([("100644", ".gitmodules", modules), ("160000", "s", commit)]))
        #expect(await checkOut(head, within: limits { ($0.entries, $0.depth, $0.submodules) = (6, 4, 1) }) == nil)
        #expect(names(below: temporary("out")).contains("s/a/b/c"))
        for (limits, words) in [
            (limits { $0.entries = 5 }, "the submodule `s` has 4 files and folders, expected at most 3 more"),
            (limits { $0.depth = 3 }, "the submodule `s` has folders 4 deep, expected at most 3"),
            (limits { $0.submodules = 0 }, "its tree has 1 submodules, expected at most 0"),
        ] {
            Folder.remove(temporary("out"))
            let failure = await checkOut(head, within: limits)
            #expect(failure?.reason == .fetchCheckout && failure?.detail.hasPrefix(words) == true, "\(words)")
        }
    }

    @Test func `more bytes than the attempt may take are refused unwritten`() async {
        let head = origin.commit(["a": String(repeating: "x", count: 3000), "b/c": "0123456789"])
        #expect(await checkOut(head, within: limits { $0.bytes = 3010 }) == nil)
        Folder.remove(temporary("out"))
        let failure = await checkOut(head, within: limits { $0.bytes = 3009 })
        #expect(failure?.reason == .fetchCheckout && failure?.detail.contains("`limits: {disk}`") == true)
        #expect(names(below: temporary("out")) == [])
    }

    @Test func `folders that are too deep are refused unwritten`() async {
        var tree = tree(of: origin.rawFile("x"), mode: "100644", count: 1)
        for _ in 0..<1500 { tree = origin.rawTree([("40000", "d", tree)]) }
        let failure = await checkOut(origin.rawCommit(tree))
        #expect(failure?.detail.hasPrefix("its tree has folders 1501 deep, expected at most 128") == true)
        #expect(names(below: temporary("out")) == [])
    }

    /// A git that does not end what begins with `verb`; it does it first if `isLate`.
    private func hanging(at verb: String, isLate: Bool = false) -> Git {
        let real = shell(["sh", "-c", "command -v git"])
        temporary.write(
            "slow/git",
            "#!/bin/sh\ncase \"$*\" in *' \(verb) '*) touch '\(temporary("hangs"))'; \(isLate ? "\(real) \"$@\";" : "") exec sleep 600;; esac\n"
                + "exec \(real) \"$@\"\n", mode: 0o755)
        return Git(environment: ["PATH": "\(temporary("slow")):/usr/bin:/bin", "HOME": temporary.path])
    }

    @Test func `files that their attributes make longer are watched while they are written`() async {
        // More than 1 MiB for each that is listed with 92 KiB. The real git may be done before it is looked at.
        var files = [".gitattributes": "f* ident\n"]
        for number in 0..<40 { files["f\(number)"] = String(repeating: "$Id$", count: 23 << 10) }
        let failure = await checkOut(
            origin.commit(files), with: hanging(at: "read-tree", isLate: true), within: limits { $0.bytes = 4 << 20 })
        #expect(failure?.reason == .fetchCheckout)
        #expect(failure?.detail.hasPrefix("the checkout takes more than the 4.0 MiB") == true)
    }

    @Test func `a checkout ends with the time that the attempt has`() async {
        let head = origin.commit(["a": "1"])
        let failure = await checkOut(
            head, with: hanging(at: "read-tree"), within: limits { $0.time = .milliseconds(300) })
        #expect(failure?.reason == .fetchTimeout && failure?.detail == "the checkout did not end within 0.3 seconds")
    }

    @Test func `a checkout ends when it is cancelled`() async throws {
        let head = origin.commit(["a": "1"])
        try await mirror.fetch(head, branch: nil)
        let (slow, out) = (
            Mirror(project: "p", address: origin.path, folder: mirror.folder, git: hanging(at: "read-tree")),
            temporary("out")
        )
        let task = Task { () -> GitFailure? in
            do throws(GitFailure) {
                try await slow.checkOut(head, into: out, subfolder: nil, submodules: false, ignoring: .none)
                return nil
            } catch {
                return error
            }
        }
        while !FileManager.default.fileExists(atPath: temporary("hangs")) { await Task.yield() }
        task.cancel()
        #expect(await task.value?.reason == .environmentInterrupted)
    }

    @Test func `a transfer that does not end is ended, and leaves no pack behind`() async throws {
        let head = origin.commit(["a": "1"])
        temporary.write(
            "endless/git",
            """
            #!/bin/sh
            for word; do case $word in --git-dir=*) pack=${word#--git-dir=}/objects/pack;; esac; done
            mkdir -p "$pack"
            while :; do head -c 4000000 /dev/zero >>"$pack/tmp_pack_a"; sleep 0.02; done
            """, mode: 0o755)
        let git = Git(
            limits: GitLimits(growth: 32 << 20),
            environment: ["PATH": "\(temporary("endless")):/usr/bin:/bin", "HOME": temporary.path])
        let endless = Mirror(project: "p", address: origin.path, folder: temporary("q.git"), git: git)
        let failure = await #expect(throws: GitFailure.self) { try await endless.fetch(head, branch: nil) }
        #expect(failure?.reason == .fetchCheckout)
        #expect(failure?.detail.hasPrefix("git received more than 32.0 MiB and was ended") == true)
        #expect(Folder.names(in: temporary("q.git/objects/pack")) == [])
        #expect(await endless.firstHead(of: "main") == nil)
    }

    @Test func `an object that asks for too much memory is refused`() async {
        let head = origin.commit(["a": String(repeating: "x", count: 3 << 20)])
        let git = CountedGit(temporary, adding: ["GIT_ALLOC_LIMIT": "1m"]).git
        let small = Mirror(project: "p", address: origin.path, folder: temporary("q.git"), git: git)
        let failure = await #expect(throws: GitFailure.self) { try await small.fetch(head, branch: nil) }
        #expect(failure?.reason == .fetchCheckout)
    }

    @Test func `a listing is measured without being read into paths`() {
        let listing = RevisionListing(
            Array(
                ("100644 blob 0000      12\ta\u{0}040000 tree 1111       -\tb\u{0}100644 blob 2222 30\tb/c\td/9\u{0}"
                    + "160000 commit 3333       -\tm\u{0}120000 blob 4444 99999999999999999999\tl\u{0}cut").utf8))
        #expect(listing.size == .init(entries: 5, bytes: .max, depth: 3, submodules: 1))
        #expect(listing.files.map(\.path) == ["a", "b/c\td/9", "m", "l"])
        #expect(listing.files.map(\.facts).first == "100644 blob 0000")
    }
}
