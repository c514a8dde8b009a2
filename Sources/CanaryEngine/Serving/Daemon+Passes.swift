// SPDX-License-Identifier: Apache-2.0

import CanaryHistory
import CanaryModel
import Foundation
import Synchronization

/// The id of a run, as soon as it has one.
final class RunName: Sendable {
    private let name = Mutex<String?>(nil)

    var id: String? { name.withLock { $0 } }

    func set(_ id: String) { name.withLock { $0 = id } }
}

extension Daemon {
    /// Makes one pass and lets the hooks have what came of it.
    ///
    /// - Parameters:
    ///   - budgeted: whether the day's build hours bound it.
    ///   - id: the request it answers.
    /// - Throws: `EngineError` `interrupted` when it was cancelled or the daemon ends.
    func pass(
        _ request: RunRequest, budgeted: Bool, for id: String? = nil, _ agenda: inout Schedule
    ) async throws {
        var request = request
        request.notifies = true
        if budgeted { request.hours = try await hoursLeft() }
        let started = engine.now()
        let asked = request
        let run = try await interruptible(request: id) { own, name in
            try await conduct(asked, for: id, stop: own, name: name)
        }
        guard let record = try await engine.history.runs.run(run) else { return }
        agenda.note(spoiled: record.start.judged ? record.spoiledProjects : [], start: started, now: engine.now())
        hooks.post()
    }

    private func conduct(_ request: RunRequest, for id: String?, stop: StopSignal, name: RunName) async throws -> String
    {
        let (events, continuation) = AsyncStream.makeStream(of: RunEvent.self)
        async let heard: Void = hear(events, for: id, name: name)
        do {
            let run = try await engine.run(request, stop: stop, events: continuation)
            continuation.finish()
            await heard
            return run
        } catch {
            continuation.finish()
            await heard
            // Whatever went wrong: nobody conducts this run any more.
            if let run = name.id { _ = try? await engine.recorder.interrupt(run: run, at: engine.now()) }
            throw error
        }
    }

    private func hear(_ events: AsyncStream<RunEvent>, for id: String?, name: RunName) async {
        for await event in events {
            if case .began(let run, _) = event {
                name.set(run)
                if let id { try? await engine.inbox.noteRun(run, of: id) }
            }
            hooks.event(event)
        }
    }

    /// Build hours left of the day, which begins at midnight UTC.
    private func hoursLeft() async throws -> Double {
        let now = engine.now()
        let midnight = Date(timeIntervalSince1970: (now.timeIntervalSince1970 / 86_400).rounded(.down) * 86_400)
        let used = try await engine.history.builds.buildHours(since: midnight, now: now)
        return max(0, engine.stack.limits.hours - used)
    }
}

extension RunRecord {
    /// The projects of jobs that ended in an error that another try may cure.
    fileprivate var spoiledProjects: Set<String> {
        Set(jobs.filter { $0.outcome?.isSpoiled ?? false }.map(\.planned.job.project))
    }
}
