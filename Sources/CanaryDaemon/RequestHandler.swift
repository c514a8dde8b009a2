// SPDX-License-Identifier: Apache-2.0

import CanaryBisection
import CanaryEngine
import CanaryHistory
import CanaryModel
import Synchronization

/// Carries out requests of the inbox.
struct RequestHandler: Sendable {
    let engine: Engine
    let hooks: DaemonHooks
    let runs: DaemonRuns
    let searches: BackgroundSearches
    let cancellations: Cancellations

    /// What came of a request.
    private struct End: Sendable {
        var detail: String?
        var result: RequestResult?
    }

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
            let end = try await carryOut(next, &schedule)
            _ = try await engine.inbox.endRequest(
                id, .finished, detail: end.detail, result: end.result?.text, at: engine.now())
        } catch let error as EngineError where error.code == .interrupted {
            // When the daemon stops, the request stays open for the next one.
            guard !cancellations.stop.isRaised else { throw error }
            _ = try await engine.inbox.endRequest(id, .cancelled, at: engine.now())
        } catch let error as HistoryError {
            throw error
        } catch {
            var result = RequestResult()
            result.error = (error as? EngineError)?.code
            _ = try await engine.inbox.endRequest(
                id, .failed, detail: "\(error)", result: result.text, at: engine.now())
        }
        return true
    }

    private func carryOut(_ request: RequestRecord, _ schedule: inout Schedule) async throws -> End {
        let id = request.start.id
        let body = try RequestBody(
            request.start.body, for: engine.stack, isTrusted: request.start.origin != "http")
        switch body {
        case .run(let request):
            try await runs.run(request, budgeted: false, for: id, &schedule)
            return End()
        case .cancel: return End()
        case .attempt(let request):
            return try await cancellations.interruptible(request: id) { stop, _ in
                try await searches.halted(until: stop) { try await attempt(request, stop: stop) }
            }
        case .search(let request):
            return try await cancellations.interruptible(request: id) { stop, _ in
                try await searches.halted(until: stop) { try await search(request, stop: stop) }
            }
        }
    }

    /// Tries unmerged changes on all jobs that depend on them.
    private func attempt(_ request: TryRequest, stop: StopSignal) async throws -> End {
        var result = RequestResult()
        let tried = try await engine.ungated.attempt(request, stop: stop)
        result.tried = tried
        let words = tried.answers.map { "\($0.job): \($0.word.rawValue)" }
        return End(detail: words.joined(separator: ", "), result: result)
    }

    /// Searches for the commit that broke a project, and records it in the job's episode.
    private func search(_ request: UpstreamRequest, stop: StopSignal) async throws -> End {
        let notes = Mutex<[String]>([])
        let say = { @Sendable (text: String) in
            notes.withLock { $0.append(text) }
            hooks.say(text)
        }
        let (target, chain) = try await SearchNotes.taken(say) { events in
            let engine = engine.ungated
            let target = try await engine.bisectTarget(request)
            let settings = request.choices.settings(learned: target.learned)
            let search = UpstreamSearch(target, settings: settings, engine: engine, stop: stop, events: events)
            return (target, try await search.run(fresh: request.choices.fresh))
        }
        if let finding = EpisodeFinding(chain, of: target) { try await engine.record(finding, notifies: true) }
        var result = RequestResult()
        result.search = chain.first?.start.id
        result.notes = notes.withLock { $0 }
        guard let last = chain.last, let verdict = last.search.verdict else {
            return End(detail: "nothing was found", result: result)
        }
        let named = verdict.suspects.first?.commit
        let detail = "\(last.start.id): \(verdict.kind.rawValue)"
        return End(detail: detail + (named.map { " \($0.project) \($0.revision)" } ?? ""), result: result)
    }
}

extension Engine {
    /// The same engine for what somebody asked for: no gate holds it back.
    fileprivate var ungated: Engine {
        var engine = self
        engine.gate = nil
        return engine
    }
}
