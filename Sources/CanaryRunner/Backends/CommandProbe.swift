// SPDX-License-Identifier: Apache-2.0

package import CanaryModel
import CanaryProcesses
import CanaryText
import Foundation
import Glibc

/// A user's command that tells good commits from bad ones, run at one commit.
package struct CommandProbe: Sendable {
    private let executable: String
    private let words: [String]
    private let variables: [String: String]

    /// Finds the program of `words` in the `PATH` of `environment`, as a shell would.
    ///
    /// - Parameters:
    ///   - words: the program, with or without a path, and its arguments; not empty.
    ///   - environment: its variables, except those that would make git use another repository.
    ///   - isInTree: whether a relative path is a file of the commits.
    /// - Throws: `RunnerFailure` `environmentToolMissing` if there is nothing that can be executed.
    package init(
        _ words: [String], environment: [String: String], isInTree: (String) -> Bool
    ) throws(RunnerFailure) {
        let name = words.first ?? ""
        let path = environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"
        executable = try Self.find(name, in: path, isInTree: isInTree)
        self.words = words
        let misleading: Set<String> = [
            "GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY",
            "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_NAMESPACE", "PWD", "OLDPWD",
        ]
        variables = environment.filter { !misleading.contains($0.key) }
    }

    private static func find(
        _ name: String, in path: String, isInTree: (String) -> Bool
    ) throws(RunnerFailure) -> String {
        if name.contains("/") {
            if !name.hasPrefix("/") {
                guard !isInTree(name) else { return name }
            } else if isProgram(name) {
                return name
            }
            let exists = FileManager.default.fileExists(atPath: name)
            throw RunnerFailure(
                reason: .environmentToolMissing,
                detail: exists
                    ? "`\(name)` cannot be executed\nhint: `chmod +x`, or name its interpreter: `-- sh \(name)`"
                    : "`\(name)` exists neither in the current directory nor in the commits\nhint: paths are relative to the current directory"
            )
        }
        for folder in path.split(separator: ":") {
            let candidate = "\(folder)/\(name)"
            if candidate.hasPrefix("/"), isProgram(candidate) { return candidate }
        }
        throw RunnerFailure(
            reason: .environmentToolMissing,
            detail: "`\(name)` is not in PATH\nhint: give a path, as in `./\(name)`, or `sh -c '...'`")
    }

    private static func isProgram(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG && access(path, X_OK) == 0
    }

    /// Time between TERM and KILL when a probe is cancelled.
    private static let grace = Duration.seconds(2)

    /// Runs the command in `folder` until no process of its group runs; cancelling the task ends it.
    ///
    /// - Parameters:
    ///   - log: the file for its output, at most 64 MiB.
    ///   - shown: called with each piece of output.
    /// - Returns: its exit status; 126 or 127 if it could not be started there, as in a shell.
    /// - Throws: `RunnerFailure` when the log cannot be written.
    package func run(
        in folder: String, log path: String, shown: (@Sendable (UnsafeRawBufferPointer) -> Void)? = nil
    ) async throws(RunnerFailure) -> ExitStatus {
        let log = try LogWriter(path: path, limit: ByteSize(bytes: 64 << 20))
        let program = executable.hasPrefix("/") ? executable : "\(folder)/\(executable)"
        var code: Int32 = 0
        if access(program, X_OK) != 0 { code = errno }
        var status = ExitStatus.code(code == ENOENT ? 127 : 126)
        if code == 0 {
            do {
                status = try await start(program, in: folder, log: log, shown: shown)
            } catch {
                if Task.isCancelled { status = .signal(Int(SIGTERM)) }
            }
        }
        if let failure = log.finish() { throw failure }
        return status
    }

    private func start(
        _ program: String, in folder: String, log: LogWriter, shown: (@Sendable (UnsafeRawBufferPointer) -> Void)?
    ) async throws(LaunchFailure) -> ExitStatus {
        // Shells run a text file without `#!` as a shell script.
        let isText = Self.hasNoInterpreter(program)
        let command = Command(
            isText ? "/bin/sh" : program, (isText ? [program] : []) + words.dropFirst(),
            variables: variables.merging(["PWD": folder]) { $1 }, in: folder)
        let process = LoggedProcess(command, grace: Self.grace) { bytes in
            log.append(bytes)
            shown?(bytes)
        }
        return try await process.run()
    }

    /// Whether the file at `path` is neither a binary nor names its interpreter.
    private static func hasNoInterpreter(_ path: String) -> Bool {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var start = [UInt8](repeating: 0, count: 128)
        let count = read(descriptor, &start, start.count)
        guard count > 0 else { return count == 0 }
        return !start.starts(with: "#!".utf8) && !start.starts(with: [0x7F, 0x45, 0x4C, 0x46])
            && !start[..<count].contains(0)
    }
}
