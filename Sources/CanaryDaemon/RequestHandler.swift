// SPDX-License-Identifier: Apache-2.0

import CanaryEngine
import CanaryHistory
import CanaryModel

/// Carries out requests of the inbox.
struct RequestHandler: Sendable {
    let engine: Engine
    let runs: DaemonRuns
    let searches: BackgroundSearches
    let cancellations: Cancellations

    /// Carries out the oldest open request.
    ///
    /// - Returns: whether there was one.
    func handleNext(_ schedule: inout Schedule) async throws -> Bool {
        let open = try await engine.history.requests.open()
        let cancelled = try await cancellations.apply(in: open)
        guard let next = open.first(where: { $0.start.kind != .cancel && !cancelled.contains($0.start.id) }) else {
            return false
        }
        let id = next.start.id
        guard try await engine.inbox.startRequest(id, at: engine.now()) else { return true }
        do {
            let detail = try await carryOut(next, &schedule)
            _ = try await engine.inbox.endRequest(id, .finished, detail: detail, at: engine.now())
        } catch let error as EngineError where error.code == .interrupted {
            // When the daemon stops, the request stays open for the next one.
            guard !cancellations.stop.isRaised else { throw error }
            _ = try await engine.inbox.endRequest(id, .cancelled, at: engine.now())
        } catch let error as HistoryError {
            throw error
        } catch {
            _ = try await engine.inbox.endRequest(id, .failed, detail: "\(error)", at: engine.now())
        }
        return true
    }

    private func carryOut(_ request: RequestRecord, _ schedule: inout Schedule) async throws -> String? {
        let id = request.start.id
        let body = try RequestBody(
            request.start.body, for: engine.stack, isTrusted: request.start.origin != "http")
        switch body {
        case .run(let request):
            try await runs.run(request, budgeted: false, for: id, &schedule)
            return nil
        case .cancel: return nil
        case .attempt(let changes):
            return try await cancellations.interruptible(request: id) { stop, _ in
                try await attempt(changes, stop: stop)
            }
        case .search(let request):
            return try await cancellations.interruptible(request: id) { stop, _ in
                try await searches.search(request, stop: stop)
            }
        }
    }

    /// Tries unmerged changes on all jobs that depend on them; returns the answers in one line.
    private func attempt(_ changes: [String: String], stop: StopSignal) async throws -> String {
        let tried = try await TryRun.make(of: changes, in: engine, stop: stop)
        var answers: [String] = []
        for job in try tried.jobs(variants: [], lanes: [.head]) {
            answers.append("\(job): \(try await tried.answer(for: job).word.rawValue)")
        }
        return answers.joined(separator: ", ")
    }
}
