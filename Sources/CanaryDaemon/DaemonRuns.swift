// SPDX-License-Identifier: Apache-2.0

import CanaryEngine
import CanaryHistory
import CanaryModel
import Foundation

/// Runs that the daemon starts, on schedule or on request.
struct DaemonRuns: Sendable {
    let engine: Engine
    let hooks: DaemonHooks
    let searches: BackgroundSearches
    let cancellations: Cancellations

    /// Runs the stack once and calls the hooks.
    ///
    /// - Parameters:
    ///   - budgeted: whether the build hours left of the day limit the run.
    ///   - id: the request that the run answers.
    /// - Throws: `EngineError` `interrupted` when the run was cancelled or the daemon stops.
    func run(_ request: RunRequest, budgeted: Bool, for id: String? = nil, _ schedule: inout Schedule) async throws {
        var request = request
        request.notifies = true
        if budgeted { request.hours = try await hoursLeft() }
        let started = engine.now()
        let run = try await cancellations.interruptible(request: id) { [request] stop, name in
            try await searches.holdingBack { try await conduct(request, for: id, stop: stop, name: name) }
        }
        guard let record = try await engine.history.runs.run(run) else { return }
        schedule.note(spoiled: record.start.judged ? record.spoiledProjects : [], start: started, now: engine.now())
        hooks.post()
    }

    private func conduct(_ request: RunRequest, for id: String?, stop: StopSignal, name: RunName) async throws -> String
    {
        let (events, continuation) = AsyncStream.makeStream(of: RunEvent.self)
        async let forwarded: Void = forward(events, for: id, name: name)
        do {
            let run = try await engine.run(request, stop: stop, events: continuation)
            continuation.finish()
            await forwarded
            return run
        } catch {
            continuation.finish()
            await forwarded
            // Whatever the error is, the run does not continue.
            if let run = name.id { _ = try? await engine.recorder.interrupt(run: run, at: engine.now()) }
            throw error
        }
    }

    private func forward(_ events: AsyncStream<RunEvent>, for id: String?, name: RunName) async {
        for await event in events {
            if case .began(let run, _) = event {
                name.set(run)
                if let id { try? await engine.inbox.noteRun(run, of: id) }
            }
            hooks.event(event)
        }
    }

    /// The build hours left of the day, which starts at midnight UTC.
    private func hoursLeft() async throws -> Double {
        let now = engine.now()
        let midnight = Date(timeIntervalSince1970: (now.timeIntervalSince1970 / 86_400).rounded(.down) * 86_400)
        let used = try await engine.history.builds.buildHours(since: midnight, now: now, ofSearches: false)
        return max(0, engine.stack.limits.hours - used)
    }
}

extension RunRecord {
    /// The projects of jobs with infrastructure errors that a retry may cure.
    fileprivate var spoiledProjects: Set<String> {
        Set(jobs.filter { $0.outcome?.isWorthRetry ?? false }.map(\.planned.job.project))
    }
}
