// SPDX-License-Identifier: Apache-2.0

package import CanaryFiles
import CanaryModel
import CanaryProcesses
import Foundation

/// Runs attempts as plain processes on this machine: for trusted code only.
///
/// Each stage leads a session of its own, and its whole group ends with it. Processes that left the group are found by
/// their `TMPDIR` when the attempt ends. Limits of memory and processes do not apply.
package final class ProcessRunner: AttemptRunner {
    private let state: StateFolder
    private let grace: Duration
    private let attempts = RunningAttempts()

    /// Runs attempts in `state`; `grace` is the time between TERM and KILL.
    package init(state: StateFolder, grace: Duration = .seconds(2)) {
        self.state = state
        self.grace = grace
    }

    package func start(_ order: WorkOrder) async throws {
        try await attempts.start(order.attempt) { events in
            let folder = state.attempt(order.attempt)
            let log = try LogWriter(path: folder.log, limit: order.limits.log)
            let clock = OutputClock()
            let host = ProcessStages(
                folder: folder, environment: StageEnvironment(of: order, in: .init(of: order, in: state)),
                grace: grace, log: log, clock: clock)
            return StagedAttempt(
                order: order, host: host, clock: clock, log: log, machine: .init(of: order, in: state), events: events)
        }
    }

    package func events(of attempt: String) -> AsyncStream<AttemptEvent> { attempts.events(of: attempt) }

    package func cancel(_ attempt: String) async { attempts.cancel(attempt) }

    /// Always false: the output pipe of an earlier process is gone, so its attempts must end too.
    package func adopt(_ attempt: String) async -> Bool { false }

    package func sweep(keeping attempts: Set<String>) async {
        await Self.scan(of: state, sparing: attempts.union(self.attempts.names)).end()
    }

    /// The number of running processes of attempts in `state`, of any canary process.
    package static func processes(of state: StateFolder) -> Int { scan(of: state, sparing: []).processes().count }

    private static func scan(of state: StateFolder, sparing attempts: Set<String>) -> ProcessScan {
        let folder = state.attempts + "/"
        let spared = Set(attempts.map { state.attempt($0).temporary })
        return ProcessScan { temporary in
            guard temporary.hasPrefix(folder), !spared.contains(temporary) else { return false }
            let id = temporary.dropFirst(folder.count).prefix { $0 != "/" }
            return temporary == state.attempt(String(id)).temporary
        }
    }
}

/// The stages of one attempt as processes on this machine.
struct ProcessStages: StageHost {
    /// The attempt's folder.
    let folder: AttemptFolder
    /// All variables of its stages.
    let environment: StageEnvironment
    /// Time between TERM and KILL.
    let grace: Duration
    /// The log of the output.
    let log: LogWriter
    /// Touched with each piece of output.
    let clock: OutputClock

    func open() async -> RunnerFailure? { nil }

    func run(_ script: StageScript) async -> StageEnd {
        let process = StageProcess(
            script: script.run, environment: environment, folder: folder.build, grace: grace, log: log, clock: clock)
        do {
            return .exit(try await process.run())
        } catch {
            return .lost(RunnerFailure(reason: .environmentEngine, detail: String(describing: error)))
        }
    }

    func close() async {
        let temporary = folder.temporary
        await ProcessScan { $0 == temporary }.end()
    }
}
