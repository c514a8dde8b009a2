// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import CanaryText
import Foundation

/// One attempt: runs its stages one after the other, with time limits, events and a log.
struct StagedAttempt: Sendable {
    /// The order.
    let order: WorkOrder
    /// Where its stages run.
    let host: any StageHost
    /// Touched with each piece of output.
    let clock: OutputClock
    /// The log of the output.
    let log: LogWriter
    /// Asked whether the attempt takes too much of the disk, and what happened meanwhile.
    let machine: MachineWatch
    /// The sink of its events.
    let events: AsyncStream<AttemptEvent>.Continuation

    /// Runs all stages, ends what they left behind, and reports the end.
    ///
    /// Cancelling the task ends the attempt.
    func run() async {
        var stages: [StageRun] = []
        var cause: AttemptEnd.Cause
        if let failure = await host.open() {
            let stage = order.recipe.stages.first?.stage ?? .configure
            cause =
                Task.isCancelled
                ? .cancelled(nil) : .infrastructure(failure.reason, stage, detail: failure.detail)
        } else {
            cause = await carryOut(into: &stages)
            if case .stageFailed(let stage, _) = cause, machine.isQuotaUsedUp() { cause = .limit(.limitDisk, stage) }
        }
        let state = machine.state()
        await host.close()
        if let failure = log.finish() {
            let stage = stages.last?.stage ?? .fetch
            cause = .infrastructure(failure.reason, stage, detail: failure.detail)
        }
        events.yield(.finished(AttemptEnd(cause: cause, stages: stages, logBytes: log.totalBytes, machine: state)))
        events.finish()
    }

    private func carryOut(into stages: inout [StageRun]) async -> AttemptEnd.Cause {
        let deadline = ContinuousClock.now + order.limits.attempt.duration
        for script in order.recipe.stages {
            guard !Task.isCancelled else { return .cancelled(stages.last?.stage) }
            let (run, end) = await record(script, until: deadline)
            stages.append(run)
            if let failure = end.cause(in: script.stage) { return failure }
        }
        return .completed
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

    private func carryOut(_ script: StageScript, until deadline: ContinuousClock.Instant) async -> StageEnd {
        clock.touch()
        let first = await withTaskGroup(of: StageEnd.self) { group in
            group.addTask { await host.run(script) }
            group.addTask { await watch(until: deadline) }
            group.addTask { await machine.isExceeded() ? .limit(.limitDisk) : .cancelled }
            let first = await group.next() ?? .cancelled
            group.cancelAll()
            return first
        }
        // A cancelled stage may end before the watch reports the cancellation.
        if Task.isCancelled, first.status != .code(0) { return .cancelled }
        return first
    }

    /// Returns when a limit of time has run out, or with `cancelled`.
    private func watch(until deadline: ContinuousClock.Instant) async -> StageEnd {
        while true {
            let silence = clock.last + order.limits.silence.duration
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
