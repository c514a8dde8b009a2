// SPDX-License-Identifier: Apache-2.0
// swift-format-ignore-file: NeverUseForceTry

import CanaryFiles
package import Foundation

/// A temporary folder, removed with the test that holds it.
package final class TemporaryFolder {
    package let path: String

    package init() {
        let path = "/tmp/canary-test-\(UUID().uuidString)"
        mkdir(path, 0o755)
        self.path = path
    }

    deinit { Folder.remove(path) }

    package func callAsFunction(_ name: String) -> String { "\(path)/\(name)" }

    /// Writes a file and the folders above it.
    @discardableResult
    package func write(_ name: String, _ text: String, mode: mode_t = 0o644) -> String {
        let file = self(name)
        try! Folder.make((file as NSString).deletingLastPathComponent)
        try! Data(text.utf8).write(to: URL(fileURLWithPath: file))
        chmod(file, mode)
        return file
    }
}

/// Runs a program and returns what it printed.
@discardableResult
package func shell(_ words: [String], in folder: String = "/", input: Data? = nil, may fail: Bool = false) -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = words
    process.currentDirectoryURL = URL(fileURLWithPath: folder)
    process.environment = [
        "PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_CONFIG_NOSYSTEM": "1", "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b", "GIT_COMMITTER_NAME": "a",
        "GIT_COMMITTER_EMAIL": "a@b", "GIT_AUTHOR_DATE": "1700000000 +0000",
        "GIT_COMMITTER_DATE": "1700000000 +0000", "LC_ALL": "C",
    ]
    let (output, source) = (Pipe(), Pipe())
    process.standardOutput = output
    if fail { process.standardError = FileHandle.nullDevice }
    process.standardInput = source
    try! process.run()
    if let input { source.fileHandleForWriting.write(input) }
    try! source.fileHandleForWriting.close()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    precondition(fail || process.terminationStatus == 0, "\(words) ended with \(process.terminationStatus)")
    return text.trimmingCharacters(in: .whitespacesAndNewlines)
}

/// A repository that stands for a remote.
package struct Origin {
    package let path: String

    package init(_ path: String, format: String = "sha1") {
        self.path = path
        shell(["git", "init", "-q", "-b", "main", "--object-format=\(format)", path])
    }

    @discardableResult
    package func git(_ words: String..., input: Data? = nil) -> String {
        shell(["git"] + words, in: path, input: input)
    }

    /// Commits files and returns the commit.
    @discardableResult
    package func commit(_ files: [String: String], message: String = "change") -> String {
        for (name, text) in files {
            let file = "\(path)/\(name)"
            try! Folder.make((file as NSString).deletingLastPathComponent)
            try! Data(text.utf8).write(to: URL(fileURLWithPath: file))
        }
        git("add", "-A")
        git("commit", "-q", "--allow-empty", "-m", message)
        return git("rev-parse", "HEAD")
    }
}

/// Names below a folder, sorted; folders end with a slash.
package func names(below folder: String) -> [String] {
    (FileManager.default.subpaths(atPath: folder) ?? []).map { Folder.exists("\(folder)/\($0)") ? $0 + "/" : $0 }
        .sorted()
}

package func text(_ file: String) -> String? { try? String(contentsOfFile: file, encoding: .utf8) }

/// Runs `body` with a tiny file system mounted at `folder`.
package func withDisk(of size: String, at folder: String, _ body: () async throws -> Void) async throws {
    precondition(getuid() == 0, "this test mounts a file system: it must run as root")
    try Folder.make(folder)
    shell(["mount", "-t", "tmpfs", "-o", "size=\(size)", "tmpfs", folder])
    defer { shell(["umount", "-l", folder]) }
    try await body()
}
