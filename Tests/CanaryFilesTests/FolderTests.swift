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

    @Test func `are removed no further than until somebody stops that`() throws {
        defer { Folder.remove(root) }
        for number in 0..<200 { try Folder.make("\(root)/a/d\(number % 20)/f\(number)") }
        var asked = 0
        func isStopped() -> Bool {
            asked += 1
            return asked > 50
        }
        #expect(!Folder.remove(root, unless: isStopped) && Folder.exists(root))
        #expect(asked < 60, "nothing more is removed")
        #expect(Folder.remove(root) && !Folder.exists(root))
    }

    @Test func `have a quota of their own where the kernel tells less of them than of their disk`() throws {
        let disk = DiskSpace(device: 1, bytes: 100 << 30, free: 1 << 20, files: 1000, freeFiles: 0)
        func space(device: UInt = 1, free: UInt64, files: UInt64 = 1000, freeFiles: UInt64 = 9) -> DiskSpace {
            DiskSpace(device: device, bytes: 1 << 30, free: free, files: files, freeFiles: freeFiles)
        }
        #expect(!disk.isQuota(on: disk) && disk.isUsedUp)
        #expect(!space(device: 2, free: 0).isQuota(on: disk), "another file system is no quota")
        #expect(space(free: 0).isQuota(on: disk) && space(free: 0).isUsedUp && !space(free: 1 << 20).isUsedUp)
        #expect(space(free: 1 << 30, files: 10, freeFiles: 0).isUsedUp)
        #expect(!space(free: 1 << 30, files: 0, freeFiles: 0).isUsedUp, "nobody counts files there")
        let here = try #require(DiskSpace(at: "/tmp"))
        #expect(DiskSpace(at: "/tmp/").map { !$0.isQuota(on: here) } == true && DiskSpace(at: root) == nil)
    }
}
