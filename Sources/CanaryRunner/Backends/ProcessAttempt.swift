// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import Foundation

/// One attempt made of plain processes.
struct ProcessAttempt: Sendable {
    /// What is to be done.
    let order: WorkOrder
    /// The attempt's folder.
    let folder: AttemptFolder
    /// All variables its stages see.
    let environment: StageEnvironment
    /// Time between TERM and KILL.
    let grace: Duration
    /// Takes what is printed.
    let log: LogWriter
    /// Told of what happens.
    let events: AsyncStream<AttemptEvent>.Continuation

    /// How a stage ended.
    private enum StageEnd: Sendable {
        case exit(ExitStatus)
        case limit(ReasonCode)
        case cancelled
        case lost(String)

        var status: ExitStatus? {
            if case .exit(let status) = self { status } else { nil }
        }
    }

    /// Runs all stages, ends what they left behind, tells the end.
    ///
    /// Cancelling the task ends the attempt.
    func run() async {
        let deadline = ContinuousClock.now + order.limits.attempt.duration
        var stages: [StageRun] = []
        var cause = AttemptEnd.Cause.completed
        for script in order.recipe.stages {
            guard !Task.isCancelled else {
                cause = .cancelled(stages.last?.stage)
                break
            }
            let (run, end) = await record(script, until: deadline)
            stages.append(run)
            if let failure = Self.cause(of: end, in: script.stage) {
                cause = failure
                break
            }
        }
        let temporary = folder.temporary
        await ProcessScan { $0 == temporary }.end()
        if let failure = log.finish() {
            let stage = stages.last?.stage ?? .fetch
            cause = .infrastructure(failure.reason, stage, detail: failure.detail)
        }
        events.yield(.finished(AttemptEnd(cause: cause, stages: stages, logBytes: log.totalBytes)))
        events.finish()
    }

    private func record(
        _ script: StageScript, until deadline: ContinuousClock.Instant
    ) async -> (run: StageRun, end: StageEnd) {
        let start = Date()
        let offset = log.totalBytes
        events.yield(.stageStarted(script.stage, at: start))
        let end = await carryOut(script, until: deadline)
        let run = StageRun(
            stage: script.stage, startedAt: start, endedAt: Date(), exit: end.status, logOffset: offset)
        events.yield(.stageEnded(run))
        return (run, end)
    }

    private static func cause(of end: StageEnd, in stage: Stage) -> AttemptEnd.Cause? {
        switch end {
        case .exit(.code(0)): nil
        case .exit(let status): .stageFailed(stage, status)
        case .limit(let reason): .limit(reason, stage)
        case .cancelled: .cancelled(stage)
        case .lost(let detail): .infrastructure(.environmentEngine, stage, detail: detail)
        }
    }

    private func carryOut(_ script: StageScript, until deadline: ContinuousClock.Instant) async -> StageEnd {
        let pulse = Pulse()
        let process = StageProcess(
            script: script.run, environment: environment, folder: folder.build, grace: grace, log: log, pulse: pulse)
        let first = await withTaskGroup(of: StageEnd.self) { group in
            group.addTask {
                do { return .exit(try await process.run()) } catch { return .lost(String(describing: error)) }
            }
            group.addTask { await watch(pulse, until: deadline) }
            let first = await group.next() ?? .cancelled
            group.cancelAll()
            return first
        }
        // The process may have been faster to die of a cancellation than the watch to tell of it.
        if Task.isCancelled, first.status != .code(0) { return .cancelled }
        return first
    }

    /// Returns when a limit of time has run out, or with `cancelled`.
    private func watch(_ pulse: Pulse, until deadline: ContinuousClock.Instant) async -> StageEnd {
        while true {
            let silence = pulse.last + order.limits.silence.duration
            let next = min(deadline, silence)
            if ContinuousClock.now >= next { return .limit(deadline <= silence ? .limitAttempt : .limitSilence) }
            do {
                try await Task.sleep(until: next, clock: .continuous)
            } catch {
                return .cancelled
            }
        }
    }
}
