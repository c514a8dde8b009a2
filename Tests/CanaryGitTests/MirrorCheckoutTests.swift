// SPDX-License-Identifier: Apache-2.0
// swift-format-ignore-file: NeverUseForceTry, NeverForceUnwrap

import CanaryFiles
import CanaryModel
import CanaryTestSupport
import Foundation
import Testing

@testable import CanaryGit

@Suite("Mirror: checkouts") final class MirrorCheckoutTests {
    let temporary = TemporaryFolder()
    let counted: CountedGit
    let origin: TestRepository
    let mirror: Mirror

    init() {
        counted = CountedGit(temporary)
        origin = TestRepository(temporary("origin"))
        mirror = Mirror(project: "p", address: origin.path, folder: temporary("p.git"), git: counted.git)
    }

    private func checkOut(_ revision: String, subfolder: String? = nil, submodules: Bool = false) async throws {
        try await mirror.fetch(revision, branch: nil)
        _ = counted.count()
        try await mirror.checkOut(
            revision, into: temporary("out"), subfolder: subfolder, submodules: submodules, ignoring: .none)
    }

    private func reason(_ body: () async throws -> Void) async -> ReasonCode? {
        do {
            try await body()
            return nil
        } catch {
            return (error as? GitFailure)?.reason
        }
    }

    @Test func `one process lists the tree and one writes the files, without a .git`() async throws {
        origin.commit(["a": "1", "dir/tool": "#!/bin/sh\n"])
        symlink("dir/tool", "\(origin.path)/link")
        chmod("\(origin.path)/dir/tool", 0o755)
        origin.git("add", "--all")
        origin.git("commit", "--quiet", "--message", "change")
        let head = origin.head()
        try await checkOut(head)
        #expect(counted.count() == 2)
        #expect(names(below: temporary("out")) == ["a", "dir/", "dir/tool", "link"])
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: temporary("out/link")) == "dir/tool")
        #expect(access(temporary("out/dir/tool"), X_OK) == 0)
        #expect(names(below: temporary.path).filter { $0.hasPrefix("out.") } == [])
    }

    @Test func `the contents of a subfolder are at the top`() async throws {
        try await checkOut(origin.commit(["lib/src/a": "1", "other": "2"]), subfolder: "lib/")
        #expect(names(below: temporary("out")) == ["src/", "src/a"])
    }

    @Test func `the user's conversions and hooks do nothing`() async throws {
        let head = origin.commit(["a.txt": "one\ntwo\n", "b": "x\r\ny\r\n"])
        temporary.write("hooks/post-checkout", "#!/bin/sh\ntouch \(temporary("owned"))\n", mode: 0o755)
        temporary.write("hooks/reference-transaction", "#!/bin/sh\ntouch \(temporary("owned"))\n", mode: 0o755)
        temporary.write("attributes", "* text eol=crlf\n")
        temporary.write(
            ".gitconfig",
            "[core]\n autocrlf = true\n eol = crlf\n hooksPath = \(temporary("hooks"))\n"
                + " attributesFile = \(temporary("attributes"))\n[fetch]\n prune = true\n")
        try await checkOut(head)
        #expect(text(temporary("out/a.txt")) == "one\ntwo\n")
        #expect(text(temporary("out/b")) == "x\r\ny\r\n")
        #expect(mirror.holds(head))
        #expect(!FileManager.default.fileExists(atPath: temporary("owned")))
    }

    @Test(arguments: ["..", ".git", ".GIT"]) func `a hostile tree writes nothing outside`(_ name: String) async throws {
        let folder = origin.rawTree(("100644", "x", origin.rawFile("evil")))
        let commit = origin.rawCommit(origin.rawTree(("40000", name, folder)))
        try mirror.plant(commit, of: origin)
        #expect(await reason { try await checkOut(commit) } == .fetchCheckout)
        #expect(!FileManager.default.fileExists(atPath: temporary("x")))
        #expect(names(below: temporary("out")) == [])
    }

    @Test func `submodules are filled, theirs too, by relative urls`() async throws {
        let deep = TestRepository(temporary("deep"))
        let deepest = deep.commit(["d": "deep"])
        let module = TestRepository(temporary("module"))
        module.commit(["m": "1"])
        add(deepest, of: "../deep", at: "inner", to: module)
        let used = module.commit([:])
        module.commit(["m": "2"])
        origin.commit(["sub/a": "1"])
        add(used, of: "./../module/", at: "sub/module", to: origin)
        let head = origin.commit([:])
        try await checkOut(head, submodules: true)
        #expect(text(temporary("out/sub/module/m")) == "1")
        #expect(text(temporary("out/sub/module/inner/d")) == "deep")
        #expect(names(below: temporary("out")).filter { $0.contains(".git/") || $0.hasSuffix(".git") } == [])
        #expect(try FileManager.default.contentsOfDirectory(atPath: temporary("p.git/modules")).count == 2)
        Folder.remove(temporary("out"))
        try await checkOut(head, subfolder: "sub", submodules: true)
        #expect(text(temporary("out/module/inner/d")) == "deep")
        Folder.remove(temporary("out"))
        try await checkOut(head)
        #expect(names(below: temporary("out/sub/module")) == [])
    }

    private func add(_ commit: String, of url: String, at path: String, to origin: TestRepository) {
        origin.git("config", "-f", ".gitmodules", "submodule.\(path).path", path)
        origin.git("config", "-f", ".gitmodules", "submodule.\(path).url", url)
        origin.git("add", ".gitmodules")
        origin.git("update-index", "--add", "--cacheinfo", "160000,\(commit),\(path)")
        try! Folder.make("\(origin.path)/\(path)")
        shell(["git", "commit", "-q", "-m", "module"], in: origin.path)
        shell(["git", "init", "-q", "\(origin.path)/\(path)"])
        shell(["git", "fetch", "-q", "--", resolved(url, origin.path), commit], in: "\(origin.path)/\(path)")
        shell(["git", "checkout", "-q", commit], in: "\(origin.path)/\(path)")
    }

    private func resolved(_ url: String, _ parent: String) -> String {
        SubmoduleAddress.resolve(url, against: parent) ?? "refused"
    }

    @Test(arguments: ["ext::sh -c 'touch OUT'", "--upload-pack=touch OUT", "", "fd::3", "ftp://x/y"])
    func `a submodule's url cannot run anything`(_ url: String) async throws {
        let url = url.replacingOccurrences(of: "OUT", with: temporary("owned"))
        let commit = origin.commit(["a": "1"])
        origin.git("config", "-f", ".gitmodules", "submodule.m.path", "m")
        origin.git("config", "-f", ".gitmodules", "submodule.m.url", url)
        origin.git("add", ".gitmodules")
        origin.git("update-index", "--add", "--cacheinfo", "160000,\(commit),m")
        origin.git("commit", "-q", "-m", "module")
        let head = origin.git("rev-parse", "HEAD")
        // Some of these git itself refuses when they arrive.
        let reason = await reason { try await checkOut(head, submodules: true) }
        #expect(reason == .fetchSubmodule || reason == .fetchCheckout && url.hasPrefix("-"))
        #expect(!FileManager.default.fileExists(atPath: temporary("owned")))
    }

    @Test func `a submodule that is left out by default stays empty, and is not fetched`() async throws {
        let module = TestRepository(temporary("module"))
        let used = module.commit(["m": "1"])
        add(used, of: "../module", at: "here", to: origin)
        origin.git("config", "-f", ".gitmodules", "submodule.huge.path", "huge")
        origin.git("config", "-f", ".gitmodules", "submodule.huge.url", temporary("nowhere"))
        origin.git("config", "-f", ".gitmodules", "submodule.huge.update", "none")
        origin.git("add", ".gitmodules")
        origin.git("update-index", "--add", "--cacheinfo", "160000,\(used),huge")
        origin.git("commit", "-q", "-m", "huge")
        try await checkOut(origin.head(), submodules: true)
        #expect(names(below: temporary("out")).filter { $0 != ".gitmodules" } == ["here/", "here/m", "huge/"])
    }

    @Test func `in a clone, relative urls are relative to what was cloned, then to the clone`() async throws {
        let module = TestRepository(temporary("srv/module"))
        let used = module.commit(["m": "1"])
        let upstream = TestRepository(temporary("srv/origin"))
        add(used, of: "../module", at: "m", to: upstream)
        for address in [temporary("mine/clone"), "file://\(temporary("mine/clone"))"] {
            shell(["git", "clone", "-q", upstream.path, temporary("mine/clone")])
            let clone = Mirror(project: "p", address: address, folder: temporary("c.git"), git: counted.git)
            try await clone.fetch(upstream.head(), branch: nil)
            try await clone.checkOut(
                upstream.head(), into: temporary("out"), subfolder: nil, submodules: true, ignoring: .none)
            #expect(text(temporary("out/m/m")) == "1")
            for folder in ["mine", "out", "c.git"] { Folder.remove(temporary(folder)) }
        }
        shell(["git", "clone", "-q", upstream.path, temporary("mine/clone")])
        try FileManager.default.moveItem(atPath: module.path, toPath: temporary("mine/module"))
        let clone = Mirror(
            project: "p", address: temporary("mine/clone"), folder: temporary("c.git"), git: counted.git)
        try await clone.fetch(upstream.head(), branch: nil)
        try await clone.checkOut(
            upstream.head(), into: temporary("out"), subfolder: nil, submodules: true, ignoring: .none)
        #expect(text(temporary("out/m/m")) == "1")
    }

    @Test func `relative urls are read as git reads them`() {
        let web = "https://host/org/repo.git"
        #expect(SubmoduleAddress.resolve("../other.git", against: web) == "https://host/org/other.git")
        #expect(SubmoduleAddress.resolve("../../up/other.git/", against: web + "/") == "https://host/up/other.git")
        #expect(SubmoduleAddress.resolve("./in.git", against: web) == "https://host/org/repo.git/in.git")
        #expect(SubmoduleAddress.resolve("../other", against: "git@host:repo") == "git@host:other")
        #expect(SubmoduleAddress.resolve("../other", against: "git@host:org/repo") == "git@host:org/other")
        #expect(SubmoduleAddress.resolve("../../../../x", against: web) == nil)
        #expect(SubmoduleAddress.resolve("/etc/repo", against: web) == nil)
        #expect(SubmoduleAddress.resolve("file:///etc/repo", against: web) == nil)
        #expect(SubmoduleAddress.resolve("/srv/repo", against: "/srv/parent") == "/srv/repo")
        #expect(SubmoduleAddress.resolve("ssh://git@[::1]/x", against: web) == "ssh://git@[::1]/x")
    }
}
