// SPDX-License-Identifier: Apache-2.0

package import CanaryModel
import Foundation
import Subprocess
import SystemPackage

/// How long git may take.
package struct GitLimits: Hashable, Sendable {
    /// For a question to a server.
    package let answer: Duration
    /// For a transfer, and for work on the disk.
    package let transfer: Duration

    /// Makes limits.
    package init(answer: Duration = .seconds(30), transfer: Duration = .seconds(1800)) {
        self.answer = answer
        self.transfer = transfer
    }
}

/// Runs git: arguments as they are, never a shell, nobody asked, no hook run, an end within a limit.
package struct Git: Sendable {
    /// How long it may take.
    package let limits: GitLimits
    private let executable: FilePath?
    private let environment: Environment

    /// Finds git in the `PATH` of `environment`, whose proxies, credentials and configuration it keeps.
    package init(
        limits: GitLimits = GitLimits(), environment: [String: String] = ProcessInfo.processInfo.environment
    ) {
        self.limits = limits
        executable = Self.find("git", in: environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin")
        self.environment = .custom(Self.keyed(GitEnvironment.made(from: environment)))
    }

    /// What git printed on standard output, at most 256 MiB.
    ///
    /// - Parameters:
    ///   - arguments: The arguments; put `--` before whatever comes from outside.
    ///   - limit: Then git and all it started are ended.
    ///   - patience: The same, unless something came on standard error by then; nil waits for `limit`.
    ///   - reason: The failure's reason when git's words tell no better one.
    ///   - variables: Added to the environment.
    /// - Returns: The bytes as they are.
    /// - Throws: `GitFailure` when git does not exit with 0.
    @discardableResult
    package func run(
        _ arguments: [String], within limit: Duration, firstWordWithin patience: Duration? = nil,
        otherwise reason: ReasonCode, setting variables: [String: String] = [:]
    ) async throws(GitFailure) -> [UInt8] {
        guard let executable else {
            throw GitFailure(reason: .environmentToolMissing, detail: "`git` is not in PATH; hint: install git")
        }
        var options = PlatformOptions()
        // A session of its own: one group to end, and no terminal on which ssh could ask.
        options.createSession = true
        options.teardownSequence = [
            .gracefulShutDown(toProcessGroup: true, allowedDurationToNextStep: ToolProcess.grace)
        ]
        let configuration = Configuration(
            executable: .path(executable), arguments: Arguments(GitEnvironment.options + arguments),
            environment: environment.updating(Self.keyed(variables)), workingDirectory: "/", platformOptions: options)
        let end: ToolProcess.End
        do {
            end = try await ToolProcess.run(configuration, within: limit, firstWordWithin: patience)
        } catch {
            throw GitFailure(reason: .environmentEngine, detail: "`git` could not be started: \(error)")
        }
        return try Self.output(of: end, limit: limit, otherwise: reason)
    }

    private static func output(
        of end: ToolProcess.End, limit: Duration, otherwise reason: ReasonCode
    ) throws(GitFailure) -> [UInt8] {
        switch end.cut {
        case .time:
            throw GitFailure(reason: .fetchTimeout, detail: "git did not end within \(limit)")
        case .size:
            throw GitFailure(reason: reason, detail: "git printed more than \(ToolProcess.outputLimit) bytes")
        case nil where end.status == .exited(0):
            return end.output
        case nil where Task.isCancelled:
            throw GitFailure(reason: .environmentInterrupted, detail: "cancelled")
        case nil where end.errors.isEmpty:
            throw GitFailure(reason: reason, detail: "git ended with \(end.status) and said nothing")
        case nil:
            throw GitWords.failure(in: end.errors, otherwise: reason)
        }
    }

    private static func find(_ name: String, in path: String) -> FilePath? {
        path.split(separator: ":").filter { $0.hasPrefix("/") }.map { "\($0)/\(name)" }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
            .map { FilePath($0) }
    }

    private static func keyed<Value>(_ variables: [String: Value]) -> [Environment.Key: Value] {
        Dictionary(uniqueKeysWithValues: variables.map { (Environment.Key(stringLiteral: $0), $1) })
    }
}
