// SPDX-License-Identifier: Apache-2.0

import CanaryBisection
import CanaryEngine
import CanaryHistory
import CanaryModel
import Foundation

/// Searches that the daemon runs: for suspected jobs while it is idle, and on request.
struct BackgroundSearches: Sendable {
    let engine: Engine
    let hooks: DaemonHooks
    let cancellations: Cancellations

    /// The seconds between two searches for what broke the suspected jobs.
    static let interval: TimeInterval = 600

    /// Searches what broke suspected jobs until something else is due.
    func searchWhileIdle(_ schedule: Schedule) async throws {
        let found = try await reportingEvents { events in
            try await cancellations.interruptible(request: nil) { stop, _ in
                try await searchAll(until: schedule, stop: stop, events: events)
            }
        }
        for (job, culprit) in found {
            hooks.say("\(job): broken by \(culprit.project) \(culprit.revision)")
            try await engine.note(culprit, of: job)
        }
    }

    private func searchAll(
        until schedule: Schedule, stop: StopSignal, events: AsyncStream<SearchEvent>.Continuation
    ) async throws -> [JobID: Commit] {
        try await withThrowingTaskGroup(of: [JobID: Commit]?.self) { group in
            group.addTask { try await AutomaticSearch(engine: engine, stop: stop, events: events).searchAll() }
            group.addTask {
                await waitForWork(schedule, raising: stop)
                return nil
            }
            defer { group.cancelAll() }
            while let end = try await group.next() {
                if let end { return end }
            }
            return [:]
        }
    }

    /// Raises `stop` as soon as something is due or requested.
    private func waitForWork(_ schedule: Schedule, raising stop: StopSignal) async {
        while !Task.isCancelled, !stop.isRaised {
            let isRequested = (try? await engine.history.requests.open().isEmpty) == false
            if isRequested || schedule.nextInstant <= engine.now() { return stop.raise() }
            try? await Task.sleep(for: .seconds(1))
        }
    }

    /// Carries out a requested search; returns the result in one line.
    func search(_ request: UpstreamRequest, stop: StopSignal) async throws -> String {
        let chain = try await reportingEvents { events in
            let target = try await engine.bisectTarget(request)
            let settings = SearchSettings(rates: SearchRates(learned: target.learned))
            return try await UpstreamSearch(target, settings: settings, engine: engine, stop: stop, events: events)
                .run(fresh: false)
        }
        guard let last = chain.last, let verdict = last.search.verdict else { return "nothing was found" }
        let named = verdict.suspects.first?.commit
        return "\(last.start.id): \(verdict.kind.rawValue)\(named.map { " \($0.project) \($0.revision)" } ?? "")"
    }

    /// Runs `body` and passes the notes of its search to the hooks.
    private func reportingEvents<Value: Sendable>(
        _ body: (AsyncStream<SearchEvent>.Continuation) async throws -> Value
    ) async throws -> Value {
        let (events, continuation) = AsyncStream.makeStream(of: SearchEvent.self)
        defer { continuation.finish() }
        async let reported: Void = {
            for await case .note(let text) in events { hooks.say(text) }
        }()
        let value = try await body(continuation)
        continuation.finish()
        await reported
        return value
    }
}
