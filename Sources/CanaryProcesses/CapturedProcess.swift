// SPDX-License-Identifier: Apache-2.0

package import CanaryModel
import Foundation
import Subprocess
import Synchronization
import SystemPackage

/// A tool such as git or a container engine whose output is read; every process that it starts ends with it.
package enum CapturedProcess {
    /// How a run ended.
    package struct End: Sendable {
        /// How its leader ended.
        package let status: ExitStatus
        /// What it printed on standard output.
        package let output: [UInt8]
        /// The last 8 KiB of what it printed on standard error.
        package let errors: [UInt8]
        /// Why it was ended; nil when it ended by itself.
        package let cut: Cut?
    }

    /// Why a tool was ended.
    package enum Cut: Sendable {
        /// It took too long.
        case time
        /// It printed too much.
        case size
    }

    /// The time between TERM and KILL, in which a tool can remove its locks.
    private static let grace = Duration.milliseconds(500)
    /// The most bytes of standard output that are read unless a call says otherwise.
    package static let outputLimit = 256 << 20
    private static let errorsKept = 8 << 10

    /// Runs `command` to its end.
    ///
    /// - Parameters:
    ///   - command: what to run.
    ///   - input: its standard input.
    ///   - limit: its whole group is ended after this time.
    ///   - patience: the same, unless it has written to its standard error by then; nil waits for `limit`.
    ///   - most: how many bytes of standard output are read; a tool that prints more is ended.
    ///   - death: only its leader is killed after this time, as somebody else could do.
    /// - Throws: `LaunchFailure` when it could not be started.
    package static func run(
        _ command: Command, input: [UInt8] = [], within limit: Duration, firstWordWithin patience: Duration? = nil,
        printingAtMost most: Int = outputLimit, killedAfter death: Duration? = nil
    ) async throws(LaunchFailure) -> End {
        let file = try input.isEmpty ? InputFile.none() : InputFile.holding(input)
        defer { close(file) }
        do {
            let result = try await Subprocess.run(
                command.configuration(teardown: [
                    .gracefulShutDown(toProcessGroup: true, allowedDurationToNextStep: grace)
                ]),
                input: .fileDescriptor(FileDescriptor(rawValue: file), closeAfterSpawningProcess: false),
                output: .sequence, error: .sequence
            ) { execution in
                let group = ProcessGroup(leader: execution.processIdentifier.value)
                let (output, errors) = (execution.standardOutput, execution.standardError)
                let bounds = Bounds(time: limit, patience: patience, bytes: most, death: death)
                // Not a child task: a cancelled one could not wait for the leader's end and would leave its group.
                return await Task { await supervise(group, output, errors, bounds) }.value
            }
            let captured = result.closureResult
            return End(
                status: ExitStatus(result.terminationStatus), output: captured.output, errors: captured.errors,
                cut: captured.cut)
        } catch {
            throw LaunchFailure(command, error)
        }
    }

    /// What ends a tool; see `run`.
    private struct Bounds: Sendable {
        let time: Duration
        let patience: Duration?
        let bytes: Int
        let death: Duration?
    }

    private struct Captured: Sendable {
        var output: [UInt8] = []
        var errors: [UInt8] = []
        var cut: Cut?
    }

    /// Whether anything was written to standard error.
    private final class Heard: Sendable {
        let anything = Atomic(false)
    }

    private enum Event: Sendable {
        case output([UInt8]?)
        case errors([UInt8])
        case timeIsUp
        case patienceIsOver
        case deathIsDue
        case graceIsOver
        case leaderEnded
        case nothing
    }

    /// Collects what `processes` print, and ends them when the leader has ended and is not reaped yet.
    ///
    /// A grandchild that holds the pipes open delays nothing.
    private static func supervise(
        _ processes: ProcessGroup, _ output: SubprocessOutputSequence, _ errors: SubprocessOutputSequence,
        _ bounds: Bounds
    ) async -> Captured {
        let heard = Heard()
        return await withTaskGroup(of: Event.self) { group in
            group.addTask { .output(await whole(output, atMost: bounds.bytes)) }
            group.addTask { .errors(await tail(errors, noting: heard)) }
            group.addTask { await after(bounds.time, .timeIsUp) }
            if let patience = bounds.patience { group.addTask { await after(patience, .patienceIsOver) } }
            if let death = bounds.death { group.addTask { await after(death, .deathIsDue) } }
            var captured = Captured()
            var open = 2
            for await event in group {
                switch event {
                case .output(let bytes):
                    captured.output = bytes ?? []
                    if bytes == nil {
                        captured.cut = .size
                        processes.signal(SIGKILL)
                    }
                    open -= 1
                case .errors(let bytes):
                    captured.errors = bytes
                    open -= 1
                case .deathIsDue: kill(processes.leader, SIGKILL)
                case .patienceIsOver where heard.anything.load(ordering: .relaxed): break
                case .timeIsUp, .patienceIsOver:
                    captured.cut = .time
                    processes.signal(SIGTERM)
                    group.addTask { await after(grace, .graceIsOver) }
                case .graceIsOver, .leaderEnded:
                    processes.signal(SIGKILL)
                    if case .leaderEnded = event { group.cancelAll() }
                case .nothing: break
                }
                if open == 0 {
                    open = -1
                    group.addTask {
                        await processes.end()
                        return .leaderEnded
                    }
                }
            }
            return captured
        }
    }

    private static func after(_ time: Duration, _ event: Event) async -> Event {
        do {
            try await Task.sleep(for: time)
            return event
        } catch {
            return .nothing
        }
    }

    /// Everything that is printed; nil when it is more than `most` bytes.
    private static func whole(_ stream: SubprocessOutputSequence, atMost most: Int) async -> [UInt8]? {
        var bytes: [UInt8] = []
        do {
            for try await buffer in stream {
                buffer.withUnsafeBytes { bytes.append(contentsOf: $0) }
                if bytes.count > most { return nil }
            }
        } catch {
            // A pipe that cannot be read has ended; the exit status says whether that matters.
        }
        return bytes
    }

    private static func tail(_ stream: SubprocessOutputSequence, noting heard: Heard) async -> [UInt8] {
        var bytes: [UInt8] = []
        do {
            for try await buffer in stream {
                heard.anything.store(true, ordering: .relaxed)
                buffer.withUnsafeBytes { bytes.append(contentsOf: $0) }
                if bytes.count > 8 * errorsKept { bytes.removeFirst(bytes.count - errorsKept) }
            }
        } catch {
            // As above.
        }
        return bytes.suffix(errorsKept)
    }
}
