// SPDX-License-Identifier: Apache-2.0
// swift-format-ignore-file: NeverUseForceTry

import CanaryFiles
package import Foundation

/// A temporary folder, removed with the last reference to it.
package final class TemporaryFolder: Sendable {
    package let path: String

    package init() {
        path = "/tmp/canary-test-\(UUID().uuidString.prefix(13))"
        try! Folder.make(path)
    }

    deinit { Folder.remove(path) }

    /// The path of `name` in the folder.
    package func callAsFunction(_ name: String) -> String { "\(path)/\(name)" }

    /// Writes a file and the folders above it, and returns its path.
    @discardableResult
    package func write(_ name: String, _ text: String, mode: mode_t = 0o644) -> String {
        let file = self(name)
        try! Folder.make((file as NSString).deletingLastPathComponent)
        if mode & 0o111 == 0 {
            try! Data(text.utf8).write(to: URL(fileURLWithPath: file))
        } else {
            // A child that another test forks while we write a program would hold it open: "text file busy".
            shell(["/bin/sh", "-c", #"cat >"$0""#, file], input: Data(text.utf8))
        }
        chmod(file, mode)
        return file
    }

    /// The names of its entries, sorted.
    package func names() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }
}

/// Names below a folder, sorted; folders end with a slash.
package func names(below folder: String) -> [String] {
    (FileManager.default.subpaths(atPath: folder) ?? []).map { Folder.exists("\(folder)/\($0)") ? $0 + "/" : $0 }
        .sorted()
}

/// The text of a file, or nil if it cannot be read.
package func text(_ file: String) -> String? {
    FileManager.default.contents(atPath: file).map { String(decoding: $0, as: UTF8.self) }
}

/// Runs `body` with a tiny file system mounted at `folder`.
package func withDisk(of size: String, at folder: String, _ body: () async throws -> Void) async throws {
    precondition(getuid() == 0, "this test mounts a file system: it must run as root")
    try Folder.make(folder)
    shell(["mount", "-t", "tmpfs", "-o", "size=\(size)", "tmpfs", folder])
    defer { shell(["umount", "-l", folder]) }
    try await body()
}
