// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import CanaryFiles

@Suite("Folders")
struct FolderTests {
    private let root = "/tmp/canary-folder-\(UUID().uuidString)"

    @Test func `are made with those above them, and removed with all below, whatever its modes`() throws {
        try Folder.make("\(root)/a/b/c")
        try Data("x".utf8).write(to: URL(filePath: "\(root)/a/b/file"))
        chmod("\(root)/a/b", 0)
        #expect(Folder.names(in: root) == ["a"])
        #expect(Folder.remove(root) && !Folder.exists(root))
    }

    @Test func `are removed without following a link out of them`() throws {
        let outside = "/tmp/canary-outside-\(UUID().uuidString)"
        try Folder.make("\(outside)/kept")
        try Folder.make(root)
        try FileManager.default.createSymbolicLink(atPath: "\(root)/link", withDestinationPath: outside)
        #expect(Folder.remove(root) && Folder.exists("\(outside)/kept"))
        #expect(Folder.remove(outside))
    }

    @Test func `cannot be made where a file lies`() throws {
        try Data().write(to: URL(filePath: root))
        defer { Folder.remove(root) }
        #expect(throws: FolderFailure(action: "create", path: root, code: ENOTDIR)) { try Folder.make(root) }
    }

    @Test func `are made below another without following a link`() throws {
        defer { Folder.remove(root) }
        #expect(try Folder.make("a/b", below: root))
        try Data().write(to: URL(filePath: "\(root)/a/b/file"))
        #expect(try !Folder.make("a/b", below: root) && Folder.make("a/c", below: root))
        try Folder.make("\(root)/outside")
        symlink("\(root)/outside", "\(root)/a/link")
        for path in ["a/link", "a/link/deeper", "a/b/file", "a/b/file/x"] {
            #expect(throws: FolderFailure.self, "\(path)") { try Folder.make(path, below: root) }
        }
        #expect(throws: FolderFailure(action: "create", path: "\(root)/..", code: EINVAL)) {
            try Folder.make("../x", below: root)
        }
        #expect(Folder.names(in: "\(root)/outside") == [])
        // Whoever runs canary can put a store on another disk.
        #expect(try Folder.make("x", below: "\(root)/a/link") && Folder.names(in: "\(root)/outside") == ["x"])
    }

    @Test func `a link in the place of a folder loses nothing behind it, not even a mode`() throws {
        defer { Folder.remove(root) }
        try Folder.make("\(root)/outside/kept")
        chmod("\(root)/outside", 0o751)
        symlink("\(root)/outside", "\(root)/link")
        Folder.empty("\(root)/link", keeping: [])
        var state = stat()
        #expect(stat("\(root)/outside", &state) == 0 && state.st_mode & 0o777 == 0o751)
        #expect(Folder.exists("\(root)/outside/kept"))
    }

    @Test func `know whether their file system ignores case`() throws {
        defer { Folder.remove(root) }
        try Folder.make("\(root)/source")
        #expect(!Folder.ignoresCase("\(root)/source"))
        // Not even beside a folder of that name.
        try Folder.make("\(root)/SOURCE")
        #expect(!Folder.ignoresCase("\(root)/source"))
    }
}
