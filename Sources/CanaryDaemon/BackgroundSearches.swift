// SPDX-License-Identifier: Apache-2.0

import CanaryEngine
import CanaryModel
import Foundation
import Synchronization

/// Searches for what broke jobs, beside everything else that the daemon does.
///
/// While a run goes on, the gate is closed: the probe in progress ends, and the next one waits for the end of the run.
/// Findings are collected, and recorded by the daemon between two runs: nothing but a run changes verdicts while it runs.
final class BackgroundSearches: Sendable {
    private struct State {
        /// The search in progress.
        var current: (job: JobID, stop: StopSignal)?
        var found: [EpisodeFinding] = []
        var nextAt = Date.distantPast
        /// How many callers need the search to be over.
        var halts = 0
    }

    private let engine: Engine
    private let hooks: DaemonHooks
    private let gate: BuildGate
    private let state = Mutex(State())

    /// The seconds between two rounds, unless a run ends before.
    private static let interval: TimeInterval = 600
    /// How often the state is looked at.
    private static let pause = Duration.milliseconds(250)

    /// - Parameter engine: its gate is the one that holds these searches back.
    init(engine: Engine, hooks: DaemonHooks) {
        self.engine = engine
        self.hooks = hooks
        gate = engine.gate ?? BuildGate()
    }

    /// Searches, in one round after another, until `stop` is raised.
    func run(until stop: StopSignal) async {
        while !stop.isRaised, !Task.isCancelled {
            let isDue = state.withLock { $0.halts == 0 && $0.nextAt <= engine.now() }
            if isDue, engine.stack.limits.probes > 0 {
                state.withLock { $0.nextAt = engine.now().addingTimeInterval(Self.interval) }
                do { try await searchAll(until: stop) } catch { report(error) }
            }
            try? await Task.sleep(for: Self.pause)
        }
    }

    private func searchAll(until stop: StopSignal) async throws {
        let own = StopSignal()
        let jobs = try await reporting { try await AutomaticSearch(engine: engine, stop: own, events: $0).openJobs() }
        for job in jobs where !stop.isRaised {
            guard let own = begin(job) else { return }
            defer { state.withLock { $0.current = nil } }
            let found = try await stop.watching({ own.raise() }) {
                try await reporting { try await AutomaticSearch(engine: engine, stop: own, events: $0).search(job) }
            }
            if let finding = found?.finding { state.withLock { $0.found.append(finding) } }
        }
    }

    /// The stop signal of a search for `job`; nil while searches are halted.
    private func begin(_ job: JobID) -> StopSignal? {
        state.withLock { state in
            guard state.halts == 0 else { return nil }
            let stop = StopSignal()
            state.current = (job, stop)
            return stop
        }
    }

    private func report(_ error: any Error) {
        if let error = error as? EngineError, error.code == .interrupted { return }
        hooks.say("\(error)")
    }

    /// Runs `body` and passes the notes of its search to the hooks.
    private func reporting<Value: Sendable>(
        _ body: (AsyncStream<SearchEvent>.Continuation) async throws -> Value
    ) async throws -> Value {
        try await SearchNotes.taken(hooks.say, body)
    }

    // MARK: - For the daemon

    /// What was found since the last call.
    func collect() -> [EpisodeFinding] {
        state.withLock { state in
            defer { state.found = [] }
            return state.found
        }
    }

    /// Holds back further probes while `body` runs; afterwards the next round is due, and a search whose episode is over
    /// ends.
    func holdingBack<Value>(_ body: () async throws -> Value) async throws -> Value {
        gate.close()
        defer {
            gate.open()
            state.withLock { $0.nextAt = .distantPast }
        }
        let value = try await body()
        let open = try await AutomaticSearch.failingJobs(in: engine)
        state.withLock { state in
            if let current = state.current, !open.contains(current.job) { current.stop.raise() }
        }
        return value
    }

    /// Runs `body` while no search goes on: lets the probe in progress end, then ends the search, whose progress is kept.
    ///
    /// - Parameter stop: ends the wait for the probe; `body` is then not run.
    /// - Throws: what `body` throws; `EngineError` `interrupted` when `stop` was raised.
    func halted<Value>(until stop: StopSignal, _ body: () async throws -> Value) async throws -> Value {
        gate.close()
        state.withLock { $0.halts += 1 }
        defer {
            state.withLock { state in
                state.halts -= 1
                state.nextAt = .distantPast
            }
            gate.open()
        }
        await gate.drain(until: stop)
        guard !stop.isRaised else { throw EngineError.interrupted }
        state.withLock { $0.current?.stop.raise() }
        while state.withLock({ $0.current != nil }) { try? await Task.sleep(for: Self.pause) }
        return try await body()
    }
}

/// Passes on the notes of a search.
enum SearchNotes {
    /// Runs `body`, whose notes go to `say`.
    static func taken<Value: Sendable>(
        _ say: @escaping @Sendable (String) -> Void,
        _ body: (AsyncStream<SearchEvent>.Continuation) async throws -> Value
    ) async throws -> Value {
        let (events, continuation) = AsyncStream.makeStream(of: SearchEvent.self)
        defer { continuation.finish() }
        async let reported: Void = {
            for await case .note(let text) in events { say(text) }
        }()
        let value = try await body(continuation)
        continuation.finish()
        await reported
        return value
    }
}
