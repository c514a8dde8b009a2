// SPDX-License-Identifier: Apache-2.0

package import CanaryModel
import CanaryProcesses
import Foundation

/// The limits of git commands.
package struct GitLimits: Hashable, Sendable {
    /// For a query to a server.
    package let answer: Duration
    /// For a transfer, and for work on disk.
    package let transfer: Duration
    /// The most bytes that one transfer may add to a mirror.
    package let growth: Int

    /// Makes limits.
    package init(answer: Duration = .seconds(30), transfer: Duration = .seconds(1800), growth: Int = 16 << 30) {
        self.answer = answer
        self.transfer = transfer
        self.growth = growth
    }
}

/// Runs git with a time limit, without a shell, prompts or hooks.
package struct Git: Sendable {
    /// The limits.
    package let limits: GitLimits
    private let executable: String?
    private let environment: [String: String]

    /// Finds git in the `PATH` of `environment`, whose proxies, credentials and configuration it uses.
    package init(
        limits: GitLimits = GitLimits(), environment: [String: String] = ProcessInfo.processInfo.environment
    ) {
        self.limits = limits
        executable = Self.find("git", in: environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin")
        self.environment = GitEnvironment.made(from: environment)
    }

    /// What ends a call of git besides its time limit.
    package struct Bounds: Sendable {
        /// After which time without a word on standard error; nil for the time limit.
        var firstWord: Duration?
        /// How many bytes of output are read, and the failure when there are more; nil for 256 MiB.
        var output: (bytes: Int, failure: GitFailure)?

        /// None.
        package init() {}

        init(firstWord: Duration) { self.firstWord = firstWord }

        init(output bytes: Int, failure: GitFailure) { output = (bytes, failure) }
    }

    /// Runs git and returns its standard output.
    ///
    /// - Parameters:
    ///   - arguments: the arguments; put `--` before anything from outside.
    ///   - input: its standard input.
    ///   - limit: the time after which git and all its child processes are killed.
    ///   - bounds: what else ends it.
    ///   - reason: the reason of a failure when the output of git does not show a more exact one.
    ///   - variables: additions to the environment.
    /// - Returns: the unmodified bytes.
    /// - Throws: `GitFailure` when git does not exit with 0.
    @discardableResult
    package func run(
        _ arguments: [String], input: [UInt8] = [], within limit: Duration, bounds: Bounds = Bounds(),
        otherwise reason: ReasonCode, setting variables: [String: String] = [:]
    ) async throws(GitFailure) -> [UInt8] {
        guard let executable else {
            throw GitFailure(reason: .environmentToolMissing, detail: "`git` is not in PATH; hint: install git")
        }
        let command = Command(
            executable, GitEnvironment.options + arguments, variables: environment.merging(variables) { $1 })
        let end: CapturedProcess.End
        do {
            end = try await CapturedProcess.run(
                command, input: input, within: limit, firstWordWithin: bounds.firstWord,
                printingAtMost: bounds.output?.bytes ?? CapturedProcess.outputLimit)
        } catch {
            throw GitFailure(reason: .environmentEngine, detail: error.description)
        }
        if case .size = end.cut, let output = bounds.output { throw output.failure }
        return try Self.output(of: end, limit: limit, otherwise: reason)
    }

    private static func output(
        of end: CapturedProcess.End, limit: Duration, otherwise reason: ReasonCode
    ) throws(GitFailure) -> [UInt8] {
        switch end.cut {
        case .time:
            throw GitFailure(reason: .fetchTimeout, detail: "git did not end within \(limit)")
        case .size:
            throw GitFailure(reason: reason, detail: "git printed more than \(CapturedProcess.outputLimit) bytes")
        case nil where end.status == .code(0):
            return end.output
        case nil where Task.isCancelled:
            throw GitFailure(reason: .environmentInterrupted, detail: "cancelled")
        case nil where end.errors.isEmpty:
            throw GitFailure(reason: reason, detail: "git ended with \(end.status) and printed nothing")
        case nil:
            throw GitWords.failure(in: end.errors, otherwise: reason)
        }
    }

    private static func find(_ name: String, in path: String) -> String? {
        path.split(separator: ":").filter { $0.hasPrefix("/") }.map { "\($0)/\(name)" }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }
}
