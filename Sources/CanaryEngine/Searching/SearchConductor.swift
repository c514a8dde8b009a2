// SPDX-License-Identifier: Apache-2.0

import CanaryBisection
import CanaryHistory
import CanaryModel
import CanaryText
import Foundation

/// Conducts a search: asks what it wants to know, a round at a time, and records each answer before it is used.
struct SearchConductor: Sendable {
    /// What one probe came to.
    struct Answer: Sendable {
        let answer: ProbeAnswer
        var reused = false
        var exitCode: Int?
        var attempt: String?
        /// When it began, and how long it took, where that is not what the conductor saw.
        var beganAt: Date?
        var seconds: Double?
    }

    let recorder: SearchRecorder
    let record: SearchRecord
    let stop: StopSignal
    let events: AsyncStream<SearchEvent>.Continuation
    let now: @Sendable () -> Date

    /// So many errors of infrastructure in a row, and no answer can be had now.
    private static let mostErrors = 6

    /// Asks until the search has what it wants.
    ///
    /// - Parameters:
    ///   - pause: whether to go no further for now: the search is not ended then.
    ///   - ask: gives the answer of one request; its second argument is the number of a place that no other
    ///   request of the moment has, from 0.
    /// - Returns: the search with all answers.
    /// - Throws: `EngineError` `interrupted` when `stop` was raised, `stopped` when infrastructure spoils one probe
    ///   after the other; what `ask` throws, after all others have ended.
    func conduct(
        _ opened: Search, pausingWhen pause: (Search) -> Bool = { _ in false },
        _ ask: @escaping @Sendable (ProbeRequest, Int) async throws -> Answer
    ) async throws -> Search {
        var search = opened
        // Errors are kept with the first answer behind them: those of an outage that ends the search are forgotten.
        var errors: [ProbeRecord] = []
        while !search.next.isEmpty {
            guard errors.count < Self.mostErrors else { throw Self.stopped(by: errors) }
            guard !stop.isRaised else { throw EngineError(.interrupted, "interrupted") }
            guard !pause(search) else { return search }
            let known = Set(search.probes.map(\.n))
            search = try await round(search.next.filter { !known.contains($0.n) }, of: search, errors: &errors, ask)
        }
        for error in errors { try await recorder.record(error, of: record.start.id) }
        try await recorder.end(search: record.start.id, at: now())
        return search
    }

    private static func stopped(by errors: [ProbeRecord]) -> EngineError {
        let last = errors.compactMap(\.attempt).last
        return EngineError(
            .stopped, "the last \(errors.count) probes ended with errors that are no commit's",
            hint: (last.map { "`canary show \($0)` says which; " } ?? "")
                + "what was found so far is kept: mend that, then ask again")
    }

    private func round(
        _ requests: [ProbeRequest], of opened: Search, errors: inout [ProbeRecord],
        _ ask: @escaping @Sendable (ProbeRequest, Int) async throws -> Answer
    ) async throws -> Search {
        var search = opened
        let subject = record.start.subject
        try await withThrowingTaskGroup(of: ProbeRecord.self) { group in
            for (place, request) in requests.enumerated() {
                group.addTask { try await probe(request, in: place, ask) }
            }
            while let probe = try await group.next() {
                errors.append(probe)
                if probe.probe.answer != .error {
                    for each in errors { try await recorder.record(each, of: record.start.id) }
                    errors = []
                }
                search.record(probe.probe)
                events.yield(.answered(probe, SearchedPoint(probe.probe.point, of: subject), search))
            }
        }
        return search
    }

    private func probe(
        _ request: ProbeRequest, in place: Int, _ ask: @Sendable (ProbeRequest, Int) async throws -> Answer
    ) async throws -> ProbeRecord {
        if let wait = request.wait, wait.seconds > 0 {
            events.yield(.waiting(request, wait))
            try await pause(for: wait)
        }
        events.yield(.asked(request, SearchedPoint(request.point, of: record.start.subject)))
        let (began, clock) = (now(), ContinuousClock.now)
        let answer = try await ask(request, place)
        let took = Double((ContinuousClock.now - clock) / .milliseconds(1)) / 1000
        return ProbeRecord(
            probe: request.answered(answer.answer, reused: answer.reused), beganAt: answer.beganAt ?? began,
            seconds: answer.seconds ?? (answer.reused ? 0 : took), exitCode: answer.exitCode, attempt: answer.attempt)
    }

    /// Waits; a raised stop signal ends it.
    private func pause(for span: TimeSpan) async throws {
        let sleep = Task { try await Task.sleep(for: span.duration) }
        await withTaskCancellationHandler {
            await stop.watching({ sleep.cancel() }) { _ = await sleep.result }
        } onCancel: {
            sleep.cancel()
        }
        guard !stop.isRaised, !Task.isCancelled else { throw EngineError(.interrupted, "interrupted") }
    }
}
