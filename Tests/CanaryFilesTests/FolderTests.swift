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
}
