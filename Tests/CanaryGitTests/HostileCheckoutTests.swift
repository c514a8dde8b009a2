// SPDX-License-Identifier: Apache-2.0

import CanaryFiles
import CanaryModel
import CanaryTestSupport
import Foundation
import Testing

@testable import CanaryGit

@Suite("Mirror: checkouts of hostile trees") final class HostileCheckoutTests {
    let temporary = TemporaryFolder()
    let origin: TestRepository
    let mirror: Mirror

    init() {
        origin = TestRepository(temporary("origin"))
        mirror = Mirror(
            project: "p", address: origin.path, folder: temporary("p.git"), git: CountedGit(temporary).git)
        temporary.write("victim/keys", "the operator's")
    }

    private func checkOut(_ revision: String) async -> GitFailure? {
        do throws(GitFailure) {
            if !mirror.holds(revision) { try await mirror.fetch(revision, branch: nil) }
            try await mirror.checkOut(
                revision, into: temporary("out"), subfolder: nil, submodules: true, ignoring: .none)
            return nil
        } catch {
            return error
        }
    }

    /// A repository with one file, `keys`, and its commit.
    private func strangers() -> (url: String, commit: String) {
        let repository = TestRepository(temporary("strangers"))
        return (repository.path, repository.commit(["keys": "a stranger's"]))
    }

    private func modules(_ paths: String..., url: String) -> String {
        origin.rawFile(paths.map { "[submodule \"\($0)\"]\n\tpath = \($0)\n\turl = \(url)\n" }.joined())
    }

    @Test func `a submodule is not written through a link of the name of its folder`() async throws {
        let (url, commit) = strangers()
        let link = origin.rawFile(temporary("victim"))
        let folder = origin.rawTree(("160000", "s", commit))
        let trees = [
            origin.rawTree(
                ("100644", ".gitmodules", modules("a/s", "a", url: url)), ("40000", "a", folder), ("120000", "a", link)),
            origin.rawTree(
                ("100644", ".gitmodules", modules("a/s", "a", url: url)), ("120000", "a", link), ("40000", "a", folder)),
            origin.rawTree(
                ("100644", ".gitmodules", modules("a/s", "a", url: url)), ("120000", "a", link), ("160000", "a", commit)
            ),
        ]
        for tree in trees {
            let hostile = origin.rawCommit(tree)
            #expect(await checkOut(hostile)?.reason == .fetchCheckout)
            // As a mirror of an older version has it.
            try mirror.plant(hostile, of: origin)
            Folder.remove(temporary("out"))
            let failure = await checkOut(hostile)
            #expect(failure?.reason == .fetchCheckout && failure?.detail.contains("the tree has `a") == true)
            #expect(names(below: temporary("victim")) == ["keys"])
            #expect(text(temporary("victim/keys")) == "the operator's")
            Folder.remove(temporary("out"))
            Folder.remove(mirror.folder)
        }
    }

    @Test func `git's index is not written through a link beside the folder of a submodule`() async throws {
        let (url, commit) = strangers()
        let link = origin.rawFile(temporary("victim/keys"))
        let head = origin.rawCommit(
            origin.rawTree(
                ("100644", ".gitmodules", modules("s", url: url)), ("160000", "s", commit), ("120000", "s.index", link),
                ("120000", "s.index.lock", link)))
        #expect(await checkOut(head) == nil)
        #expect(text(temporary("out/s/keys")) == "a stranger's")
        #expect(text(temporary("victim/keys")) == "the operator's")
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: temporary("out/s.index")).hasSuffix("keys"))
        #expect(names(below: temporary.path).filter { $0.hasPrefix("out.") } == [])
    }

    @Test(arguments: ["link", "folder"]) func `the folder of a submodule is its own`(_ kind: String) async throws {
        // On a file system that ignores case, a tree can have made it something else; here it is made by hand.
        let (url, commit) = strangers()
        let head = origin.rawCommit(
            origin.rawTree(("100644", ".gitmodules", modules("s", url: url)), ("160000", "s", commit)))
        try Folder.make(temporary("out"))
        if kind == "link" { symlink(temporary("victim"), temporary("out/s")) }
        if kind == "folder" { temporary.write("out/s/theirs", "kept") }
        let failure = await checkOut(head)
        #expect(
            kind == "link"
                ? failure == nil : failure?.detail == "the submodule `s` is refused: its folder is not empty")
        #expect(names(below: temporary("victim")) == ["keys"])
        #expect(text(temporary("victim/keys")) == "the operator's")
    }

    @Test func `paths collide if they are equal, or one is a folder of the other`() {
        func collision(_ paths: [String], ignoringCase: Bool = false) -> [String] {
            PathCollision(in: paths, ignoringCase: ignoringCase).map { [$0.first, $0.second] } ?? []
        }
        #expect(collision(["a", "a.b", "a/b", "b"]) == ["a", "a/b"])
        #expect(collision(["a", "b", "a"]) == ["a", "a"])
        #expect(collision(["a/b/c", "b", "a/b"]) == ["a/b", "a/b/c"])
        #expect(collision(["a.b", "a/b", "a-b/c", "A", "b/a"]) == [])
        #expect(collision(["A", "B/x", "b/y"], ignoringCase: true) == [])
        #expect(collision(["A", "a/.ssh"], ignoringCase: true) == ["A", "a/.ssh"])
        #expect(collision(["README", "Readme"], ignoringCase: true) == ["README", "Readme"])
    }

    @Test func `no filter, text converter or signature checker of the user runs`() async throws {
        let program = temporary.write("program", "#!/bin/sh\ntouch '\(temporary("ran"))'\nexec cat\n", mode: 0o755)
        let drivers = ["lfs", "evil"].map {
            "[filter \"\($0)\"]\n smudge = \(program)\n clean = \(program)\n required = true\n"
                + "[diff \"\($0)\"]\n textconv = \(program)\n command = \(program)\n"
                + "[merge \"\($0)\"]\n driver = \(program)\n"
        }
        temporary.write(
            ".gitconfig",
            drivers.joined() + "[filter \"long\"]\n process = \(program)\n required = true\n"
                + "[diff]\n external = \(program)\n[log]\n showSignature = true\n[gpg]\n program = \(program)\n"
                + "[submodule]\n recurse = true\n")
        let first = origin.commit(["a": "1"])
        let head = origin.commit([
            "a": "data", "b/c": "data", "b/d.txt": "word",
            ".gitattributes": "[attr]mine filter=evil\n* mine diff=evil merge=evil\n*.txt filter=long\n",
            "b/.gitattributes": "c filter=lfs diff=lfs\nd.txt filter=long\n",
        ])
        #expect(await checkOut(head) == nil)
        #expect(text(temporary("out/a")) == "data" && text(temporary("out/b/c")) == "data")
        #expect(await mirror.revisions(naming: ["word"], from: first, to: head) == [head])
        _ = try await mirror.commits(from: first, to: head, ignoring: .none, folder: nil)
        #expect(!FileManager.default.fileExists(atPath: temporary("ran")))
    }

    @Test func `conversions that the tree itself asks for are made`() async throws {
        let head = origin.commit([
            ".gitattributes": "*.bat eol=crlf\n*.id ident\n", "a.bat": "1\n2\n", "b.id": "$Id$\n", "c": "1\n",
        ])
        #expect(await checkOut(head) == nil)
        #expect(text(temporary("out/a.bat")) == "1\r\n2\r\n" && text(temporary("out/c")) == "1\n")
        #expect(text(temporary("out/b.id"))?.hasPrefix("$Id: ") == true)
    }

    private static let pointer =
        "version https://git-lfs.github.com/spec/v1\noid sha256:\(String(repeating: "a", count: 64))\nsize 12345\n"

    @Test func `a file whose content Git LFS has is named`() async throws {
        let head = origin.commit([
            "data/.gitattributes": "*.exr filter=lfs diff=lfs merge=lfs -text\n", "data/a.exr": "a real one",
            "data/b.exr": Self.pointer, "other": Self.pointer,
        ])
        let failure = await checkOut(head)
        #expect(failure?.reason == .fetchCheckout)
        #expect(
            failure?.detail
                == "`data/b.exr` is a pointer of Git LFS, which canary does not use: its content is not in the repository; "
                + "hint: if the build does not need it, add it to `ignore` in the project's manifest")
        Folder.remove(temporary("out"))
        let ignored = try IgnoreRules(patterns: ["data/*.exr"])
        try await mirror.checkOut(
            head, into: temporary("out"), subfolder: nil, submodules: false, ignoring: ignored)
        #expect(text(temporary("out/data/b.exr")) == Self.pointer)
        let part = await #expect(throws: GitFailure.self) {
            try await self.mirror.checkOut(
                head, into: self.temporary("part"), subfolder: "data", submodules: false, ignoring: .none)
        }
        #expect(part?.detail.hasPrefix("`b.exr` is a pointer") == true)
    }

    @Test func `the index is read as git reads it`() async throws {
        var files: [String: String] = [:]
        for length in 1...40 { files["f\(String(repeating: "x", count: length))/é"] = "\(length)" }
        let head = origin.commit(files)
        try await mirror.fetch(head, branch: nil)
        for format in ["sha1", "sha256"] {
            let repository = TestRepository(temporary(format), format: format)
            repository.commit(files)
            let index = try #require(
                CheckoutIndex(at: temporary("\(format)/.git/index"), hashBytes: format == "sha1" ? 20 : 32))
            let listed = repository.git("-c", "core.quotePath=false", "ls-files").split(separator: "\n").map(
                String.init)
            #expect(index.entries.map(\.path) == listed && index.entries.allSatisfy(\.isFile))
        }
        temporary.write("broken", "DIRC\0\0\0\u{2}\0\0\0\u{9}")
        #expect(CheckoutIndex(at: temporary("broken"), hashBytes: 20) == nil)
        #expect(CheckoutIndex(at: temporary("nowhere"), hashBytes: 20) == nil)
    }
}
