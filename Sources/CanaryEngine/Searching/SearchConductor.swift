// SPDX-License-Identifier: Apache-2.0

import CanaryBisection
import CanaryHistory
import CanaryModel
import CanaryText
import Foundation

/// Conducts a search: runs its next probes in parallel, and records each answer before it is used.
struct SearchConductor: Sendable {
    /// The result of a probe.
    struct Answer: Sendable {
        let answer: ProbeAnswer
        var reused = false
        var exitCode: Int?
        var attempt: String?
        /// Whether nothing was executed: it is not recorded, and asked again.
        var isVoid = false
        /// When it started and how long it took, if that differs from what the conductor measured.
        var beganAt: Date?
        var seconds: Double?
    }

    let recorder: SearchRecorder
    let record: SearchRecord
    let stop: StopSignal
    let events: AsyncStream<SearchEvent>.Continuation
    let now: @Sendable () -> Date

    /// How many infrastructure errors in a row end the search.
    private static let mostErrors = 6

    /// Probes until the search has its result.
    ///
    /// - Parameters:
    ///   - pause: whether to return early; the search is then not ended.
    ///   - answer: answers one request; its second argument is a slot, from 0, that no other running probe has.
    /// - Returns: the search with all answers.
    /// - Throws: `EngineError` `interrupted` when `stop` was raised, `stopped` after too many infrastructure errors in a
    ///   row; what `answer` throws, after all other probes have ended.
    func conduct(
        _ opened: Search, pausingWhen pause: (Search) -> Bool = { _ in false },
        _ answer: @escaping @Sendable (ProbeRequest, Int) async throws -> Answer
    ) async throws -> Search {
        var search = opened
        // Errors are recorded with the next answer: those of an outage that ends the search are dropped.
        var streak = ErrorStreak()
        while !search.next.isEmpty {
            guard streak.count < Self.mostErrors else { throw Self.stopped(by: streak) }
            try EngineError.throwIfStopped(stop)
            guard !pause(search) else { return search }
            let known = Set(search.probes.map(\.n))
            search = try await runProbes(
                search.next.filter { !known.contains($0.n) }, of: search, streak: &streak, answer)
        }
        for error in streak.errors { try await recorder.record(error, of: record.start.id) }
        try await recorder.end(search: record.start.id, at: now())
        return search
    }

    /// The infrastructure errors since the last answer.
    private struct ErrorStreak {
        var errors: [ProbeRecord] = []
        /// Those for which nothing was executed.
        var voids = 0

        var count: Int { errors.count + voids }
    }

    private static func stopped(by streak: ErrorStreak) -> EngineError {
        let last = streak.errors.compactMap(\.attempt).last
        return EngineError(
            .stopped, "the last \(streak.count) probes failed for infrastructure reasons",
            hint: (last.map { "`canary show \($0)` has the error; " } ?? "")
                + "fix that and run it again: progress is kept")
    }

    private func runProbes(
        _ requests: [ProbeRequest], of opened: Search, streak: inout ErrorStreak,
        _ answer: @escaping @Sendable (ProbeRequest, Int) async throws -> Answer
    ) async throws -> Search {
        var search = opened
        let subject = record.start.subject
        try await withThrowingTaskGroup(of: ProbeRecord?.self) { group in
            for (slot, request) in requests.enumerated() {
                group.addTask { try await probe(request, in: slot, answer) }
            }
            while let probe = try await group.next() {
                guard let probe else {
                    streak.voids += 1
                    continue
                }
                streak.errors.append(probe)
                if probe.probe.answer != .error {
                    for each in streak.errors { try await recorder.record(each, of: record.start.id) }
                    streak = ErrorStreak()
                }
                search.record(probe.probe)
                events.yield(.answered(probe, SearchedPoint(probe.probe.point, of: subject), search))
            }
        }
        return search
    }

    /// Asks for one answer; nil if nothing was executed.
    private func probe(
        _ request: ProbeRequest, in slot: Int, _ answer: @Sendable (ProbeRequest, Int) async throws -> Answer
    ) async throws -> ProbeRecord? {
        if let wait = request.wait, wait.seconds > 0 {
            events.yield(.waiting(request, wait))
            try await pause(for: wait)
        }
        events.yield(.asked(request, SearchedPoint(request.point, of: record.start.subject)))
        let (began, clock) = (now(), ContinuousClock.now)
        let result = try await answer(request, slot)
        guard !result.isVoid else { return nil }
        let took = Double((ContinuousClock.now - clock) / .milliseconds(1)) / 1000
        return ProbeRecord(
            probe: request.answered(result.answer, reused: result.reused), beganAt: result.beganAt ?? began,
            seconds: result.seconds ?? (result.reused ? 0 : took), exitCode: result.exitCode, attempt: result.attempt)
    }

    /// Waits; a raised stop signal ends it.
    private func pause(for span: TimeSpan) async throws {
        _ = try? await stop.cancelling { try await Task.sleep(for: span.duration) }
        try EngineError.throwIfStopped(stop)
    }
}
