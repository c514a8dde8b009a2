// SPDX-License-Identifier: Apache-2.0
// swift-format-ignore-file: NeverUseForceTry

import CanaryFiles
import CanaryProcesses
import Foundation

@testable import CanaryRunner

/// A temporary folder, removed with the test that holds it.
final class Place {
    let path: String

    init() {
        let path = "/tmp/canary-test-\(UUID().uuidString)"
        mkdir(path, 0o755)
        self.path = path
    }

    deinit { Folder.remove(path) }

    func callAsFunction(_ name: String) -> String { "\(path)/\(name)" }

    /// Writes a file and the folders above it.
    @discardableResult
    func write(_ name: String, _ text: String, mode: mode_t = 0o644) -> String {
        let file = self(name)
        try! Folder.make((file as NSString).deletingLastPathComponent)
        try! Data(text.utf8).write(to: URL(fileURLWithPath: file))
        chmod(file, mode)
        return file
    }
}

/// Runs a program and returns what it printed.
@discardableResult
func shell(_ words: [String], in folder: String = "/", input: Data? = nil, may fail: Bool = false) -> String {
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
struct Origin {
    let path: String

    init(_ path: String, format: String = "sha1") {
        self.path = path
        shell(["git", "init", "-q", "-b", "main", "--object-format=\(format)", path])
    }

    @discardableResult
    func git(_ words: String..., input: Data? = nil) -> String { shell(["git"] + words, in: path, input: input) }

    /// Commits files and returns the commit.
    @discardableResult
    func commit(_ files: [String: String], message: String = "change") -> String {
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

/// A git whose processes are counted.
struct CountedGit {
    let git: Git
    private let log: String

    init(_ place: Place, limits: GitLimits = GitLimits(), adding variables: [String: String] = [:]) {
        let log = place("git.log")
        let real = shell(["sh", "-c", "command -v git"])
        place.write("bin/git", "#!/bin/sh\necho run >> '\(log)'\nexec \(real) \"$@\"\n", mode: 0o755)
        let own = ["PATH": "\(place("bin")):/usr/bin:/bin", "HOME": place.path, "GIT_CONFIG_NOSYSTEM": "1"]
        git = Git(limits: limits, environment: own.merging(variables) { $1 })
        self.log = log
    }

    /// Processes since the last question.
    func count() -> Int {
        defer { unlink(log) }
        return (try? String(contentsOfFile: log, encoding: .utf8))?.split(separator: "\n").count ?? 0
    }
}

/// Names below a folder, sorted; folders end with a slash.
func names(below folder: String) -> [String] {
    (FileManager.default.subpaths(atPath: folder) ?? []).map { Folder.exists("\(folder)/\($0)") ? $0 + "/" : $0 }
        .sorted()
}

func text(_ file: String) -> String? { try? String(contentsOfFile: file, encoding: .utf8) }

/// Runs `body` with a tiny file system mounted at `folder`.
func withDisk(of size: String, at folder: String, _ body: () async throws -> Void) async throws {
    precondition(getuid() == 0, "this test mounts a file system: it must run as root")
    try Folder.make(folder)
    shell(["mount", "-t", "tmpfs", "-o", "size=\(size)", "tmpfs", folder])
    defer { shell(["umount", "-l", folder]) }
    try await body()
}
