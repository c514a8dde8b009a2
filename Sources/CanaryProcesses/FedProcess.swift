// SPDX-License-Identifier: Apache-2.0

package import CanaryModel
import Foundation
import Glibc
import Subprocess
import Synchronization
import SystemPackage

/// A program that gets its input as a file and can leave processes in the background, as mailers do.
package enum FedProcess {
    /// How a run ended.
    package struct End: Sendable {
        /// How its leader ended.
        package let status: ExitStatus
        /// Whether its leader had to be ended because its time was up.
        package let isOutOfTime: Bool
        /// The end of what it printed on standard error, at most 2000 bytes.
        package let errors: String
    }

    private static let grace = Duration.milliseconds(500)
    private static let errorsKept = 2000

    /// Runs `command` with `input` as its standard input.
    ///
    /// What it leaves in the background can run until `limit`; then its whole group is ended.
    ///
    /// - Throws: `LaunchFailure` when it could not be started or no temporary file could be created.
    package static func run(
        _ command: Command, input: [UInt8], within limit: Duration
    ) async throws(LaunchFailure) -> End {
        // Files, not pipes: a program that reads nothing or prints a lot cannot block.
        let (standardInput, errors) = (try InputFile.holding(input), try InputFile.holding([]))
        defer {
            close(standardInput)
            close(errors)
        }
        let isCancelled = Flag()
        do {
            let result = try await withTaskCancellationHandler {
                try await Subprocess.run(
                    command.configuration(),
                    input: .fileDescriptor(FileDescriptor(rawValue: standardInput), closeAfterSpawningProcess: false),
                    output: .discarded,
                    error: .fileDescriptor(FileDescriptor(rawValue: errors), closeAfterSpawningProcess: false)
                ) { execution in
                    let group = ProcessGroup(leader: execution.processIdentifier.value)
                    return await Task { await supervise(group, within: limit, isCancelled) }.value
                }
            } onCancel: {
                isCancelled.value.store(true, ordering: .relaxed)
            }
            return End(
                status: ExitStatus(result.terminationStatus), isOutOfTime: result.closureResult, errors: tail(errors))
        } catch {
            throw LaunchFailure(command, error)
        }
    }

    private final class Flag: Sendable {
        let value = Atomic(false)
    }

    /// Returns when `group` has ended, by itself or by signals from here, and its leader is not reaped yet.
    ///
    /// - Returns: whether the leader had to be ended.
    private static func supervise(_ group: ProcessGroup, within limit: Duration, _ isCancelled: Flag) async -> Bool {
        let deadline = ContinuousClock.now + limit
        var isOutOfTime = false
        var killsAt: ContinuousClock.Instant?
        while true {
            let hasEnded = group.hasEnded
            if hasEnded && !group.isAlive { break }
            let now = ContinuousClock.now
            if let killsAt, now >= killsAt {
                group.signal(SIGKILL)
            } else if killsAt == nil && (now >= deadline || isCancelled.value.load(ordering: .relaxed)) {
                isOutOfTime = !hasEnded
                group.signal(SIGTERM)
                killsAt = now + grace
            }
            try? await Task.sleep(for: .milliseconds(10))
        }
        group.signal(SIGKILL)
        return isOutOfTime
    }

    private static func tail(_ file: CInt) -> String {
        let size = lseek(file, 0, SEEK_END)
        var bytes = [UInt8](repeating: 0, count: errorsKept)
        let count = pread(file, &bytes, errorsKept, max(0, size - off_t(errorsKept)))
        return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
    }
}
