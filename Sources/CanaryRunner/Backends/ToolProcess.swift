// SPDX-License-Identifier: Apache-2.0

import Foundation
import Subprocess
import Synchronization

/// One run of a tool of ours, git or a container engine, with all the processes it starts, which end with it.
enum ToolProcess {
    /// What came of a run.
    struct End: Sendable {
        let status: TerminationStatus
        let output: [UInt8]
        let errors: [UInt8]
        let cut: Cut?
    }

    /// Why we ended it.
    enum Cut: Sendable {
        case time
        case size
    }

    /// Between asking a tool to end, so that it removes its locks, and making it.
    static let grace = Duration.milliseconds(500)
    /// Bytes of standard output; more is not an answer to anything we ask.
    static let outputLimit = 256 << 20
    private static let errorsKept = 8 << 10

    /// Runs `configuration`, whose process must lead its own session.
    ///
    /// Ended after `limit`, or after `patience` when nothing came on its standard error by then; with `death` its leader
    /// alone is killed after that time, as somebody else may kill it.
    static func run(
        _ configuration: Configuration, within limit: Duration, firstWordWithin patience: Duration? = nil,
        killedAfter death: Duration? = nil
    ) async throws -> End {
        let result = try await Subprocess.run(
            configuration, input: .none, output: .sequence, error: .sequence
        ) { execution in
            let leader = execution.processIdentifier.value
            let (output, errors) = (execution.standardOutput, execution.standardError)
            // Not a child task: a cancelled one could not wait for the leader's end and would leave its group behind.
            return await Task { await supervise(leader, output, errors, limit, patience, death) }.value
        }
        let captured = result.closureResult
        return End(
            status: result.terminationStatus, output: captured.output, errors: captured.errors, cut: captured.cut)
    }

    private struct Captured: Sendable {
        var output: [UInt8] = []
        var errors: [UInt8] = []
        var cut: Cut?
    }

    /// Whether anything came on standard error.
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

    /// Collects what the group of `leader` prints, and ends the group.
    ///
    /// That is done when the leader has ended but is not yet reaped, so that its number is still ours. A grandchild
    /// that holds the pipes delays nothing.
    private static func supervise(
        _ leader: pid_t, _ output: SubprocessOutputSequence, _ errors: SubprocessOutputSequence, _ limit: Duration,
        _ patience: Duration?, _ death: Duration?
    ) async -> Captured {
        let heard = Heard()
        return await withTaskGroup(of: Event.self) { group in
            group.addTask { .output(await whole(output)) }
            group.addTask { .errors(await tail(errors, noting: heard)) }
            group.addTask { await after(limit, .timeIsUp) }
            if let patience { group.addTask { await after(patience, .patienceIsOver) } }
            if let death { group.addTask { await after(death, .deathIsDue) } }
            var captured = Captured()
            var open = 2
            for await event in group {
                switch event {
                case .output(let bytes):
                    captured.output = bytes ?? []
                    if bytes == nil {
                        captured.cut = .size
                        kill(-leader, SIGKILL)
                    }
                    open -= 1
                case .errors(let bytes):
                    captured.errors = bytes
                    open -= 1
                case .deathIsDue: kill(leader, SIGKILL)
                case .patienceIsOver where heard.anything.load(ordering: .relaxed): break
                case .timeIsUp, .patienceIsOver:
                    captured.cut = .time
                    kill(-leader, SIGTERM)
                    group.addTask { await after(grace, .graceIsOver) }
                case .graceIsOver, .leaderEnded:
                    kill(-leader, SIGKILL)
                    if case .leaderEnded = event { group.cancelAll() }
                case .nothing: break
                }
                if open == 0 {
                    open = -1
                    group.addTask { await end(of: leader) }
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

    /// Returns when `leader` is a zombie; its pipes are closed by then, so it is nearly always one already.
    private static func end(of leader: pid_t) async -> Event {
        var state = siginfo_t()
        while waitid(P_PID, id_t(leader), &state, WEXITED | WNOWAIT | WNOHANG) == 0, state.si_signo != SIGCHLD {
            try? await Task.sleep(for: .milliseconds(1))
        }
        return .leaderEnded
    }

    /// All that is printed; nil when it is more than may be.
    private static func whole(_ stream: SubprocessOutputSequence) async -> [UInt8]? {
        var bytes: [UInt8] = []
        do {
            for try await buffer in stream {
                buffer.withUnsafeBytes { bytes.append(contentsOf: $0) }
                if bytes.count > outputLimit { return nil }
            }
        } catch {
            // A pipe that cannot be read has ended; the exit status tells whether that matters.
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
