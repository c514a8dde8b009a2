// SPDX-License-Identifier: Apache-2.0

package import CanaryBisection
import CanaryGit
package import CanaryHistory
import CanaryModel
import CanaryRunner
import Foundation

/// The search of `bisect upstream`: probes are snapshots, built as any run builds them.
///
/// The caller holds the driver's lock of the state folder.
package struct UpstreamSearch: Sendable {
    let engine: Engine
    let question: UpstreamBisectTarget
    private let settings: SearchSettings
    let stop: StopSignal
    let events: AsyncStream<SearchEvent>.Continuation
    let builder: ProbeBuilder

    /// Makes a search.
    package init(
        _ question: UpstreamBisectTarget, settings: SearchSettings, engine: Engine, stop: StopSignal,
        events: AsyncStream<SearchEvent>.Continuation
    ) {
        self.engine = engine
        self.question = question
        self.settings = settings
        self.stop = stop
        self.events = events
        builder = ProbeBuilder(
            engine, job: question.job, stop: stop, sources: question.sources, places: settings.options.workers)
    }

    /// Searches, and inside a merge that is to blame again.
    ///
    /// - Parameter fresh: whether what was stored of this search is left aside; builds are shared by key all the same.
    /// - Returns: the search, and those inside merges, outermost first.
    /// - Throws: `EngineError`, `GitFailure`, `HistoryError`.
    package func run(fresh: Bool) async throws -> [SearchRecord] {
        question.notes.forEach { events.yield(.note($0)) }
        let resolver = engine.resolver(sources: question.sources)
        let graph = engine.stack.graph
        let chain = ChainedSearch(
            history: engine.history.searches, recorder: engine.recorder.searches, kind: .upstream, job: question.job,
            events: events, now: engine.now,
            commits: { name, base, head in
                guard let project = graph[name] else { return [] }
                return try await resolver.mirror(of: project)
                    .commits(from: base, to: head, ignoring: project.ignore, folder: project.folder)
            },
            mergeBase: { name, first, second in
                guard let project = graph[name] else { return nil }
                return await resolver.mirror(of: project).mergeBase(first, second)
            }, conduct: conduct)
        var settings = settings
        settings.options.built = question.built
        return try await chain.run(question.subject, digest: question.digest, settings: settings, fresh: fresh)
    }

    @Sendable private func conduct(
        _ opened: SearchRecord, settings: SearchSettings, around outer: SearchRecord?
    ) async throws -> SearchRecord {
        var record = opened
        let began = engine.now()
        // The names of the first error, where nobody looked for them yet: known before, or from the first failing probe.
        var isLooking = outer == nil && settings.options.suspected.isEmpty && settings.options.named == nil
        if isLooking, let failure = question.failure {
            record = try await withEvidence(record, of: failure)
            isLooking = false
        }
        while true {
            let conductor = SearchConductor(
                recorder: engine.recorder.searches, record: record, stop: stop, events: events, now: engine.now)
            let subject = record.start.subject
            let used = Used(record.probes.compactMap(\.attempt) + (outer?.probes.compactMap(\.attempt) ?? []))
            let pauses = isLooking
            let search = try await conductor.conduct(
                record.search, pausingWhen: { pauses && $0.probes.contains { $0.answer == .fail } },
                { request, _ in try await ask(request, of: subject, used: used, before: began) })
            let stored = try await engine.history.searches.search(record.start.id) ?? record
            if isLooking, !search.next.isEmpty {
                isLooking = false
                record = try await withEvidence(stored, of: try await failure(in: stored))
                continue
            }
            guard let refused = try await idle(search, of: stored) else { return stored }
            // It installs what its parent installs: it cannot be what the downstream sees.
            var settings = stored.settings
            settings.options.refused.insert(refused)
            events.yield(.note("commit \(refused) installs the same tree as its parent: it cannot be the culprit"))
            try await engine.recorder.searches.resume(search: stored.start.id, settings: settings)
            record = SearchRecord(start: stored.start, settings: settings, probes: stored.probes)
        }
    }

    /// What the last failing probe ended with.
    private func failure(in record: SearchRecord) async throws -> Outcome? {
        guard let id = record.probes.last(where: { $0.probe.answer == .fail })?.attempt else { return nil }
        return try await engine.history.builds.attempt(id)?.outcome
    }

    /// The culprit, when it is an upstream's commit that installs the same tree as its parent.
    private func idle(_ search: Search, of record: SearchRecord) async throws -> Int? {
        guard search.verdict?.kind == .culprit, let number = search.verdict?.suspects.first?.number,
            !record.settings.options.refused.contains(number)
        else { return nil }
        let project = record.start.subject.commits[number - 1].project
        guard project != question.job.project else { return nil }
        let after = try await tree(of: project, at: ProbePoint(prefix: number), in: record)
        let before = try await tree(of: project, at: ProbePoint(prefix: number - 1), in: record)
        return after != nil && after == before ? number : nil
    }

    /// The tree that `project` installed for a probe at `point`; nil when that is not known.
    private func tree(of project: String, at point: ProbePoint, in record: SearchRecord) async throws -> String? {
        try await engine.history.searches.installed(project, at: point, of: record)?.lastTree
    }

    // MARK: - One probe

    /// Attempts whose results count already.
    final actor Used {
        private var attempts: Set<String>

        init(_ attempts: [String]) { self.attempts = Set(attempts) }

        /// Whether nobody took it yet; from now on somebody did.
        func take(_ attempt: String) -> Bool { attempts.insert(attempt).inserted }
    }

    /// - Parameter began: what was built since then was built for another probe, and is no stored result.
    private func ask(
        _ request: ProbeRequest, of subject: SearchSubject, used: Used, before began: Date
    ) async throws -> SearchConductor.Answer {
        let revisions = subject.revisions(at: request.point)
        let key = try await builder.key(at: revisions)
        if request.phase == .search, let key, let stored = try await stored(key, used: used, before: began) {
            return stored
        }
        let purpose: AttemptPurpose = request.phase == .control ? .control : .probe
        var isStored = false
        if let key { isStored = try await engine.history.builds.storedPrefix(of: key) != nil }
        var built = try await builder.build(
            at: revisions, probing: purpose, trigger: "probe", forced: isStored)
        if built.attempt == nil, let key = built.key, built.outcome.result == .passed {
            // Its upstreams had to be built first, and led to what is stored.
            if request.phase == .search, let stored = try await stored(key, used: used, before: began) {
                return stored
            }
            built = try await builder.build(at: revisions, probing: purpose, trigger: "probe", forced: true)
        }
        try built.demandRoom()
        if let attempt = built.attempt { _ = await used.take(attempt.id) }
        let said = answer(built.outcome)
        return .init(answer: built.isSpoiled && said != .untestable ? .error : said, attempt: built.attempt?.id)
    }

    private func answer(_ outcome: Outcome) -> ProbeAnswer {
        ProbeAnswer(of: outcome, stage: question.failure?.stage, fingerprint: question.failure?.fingerprint)
    }

    /// How long a stored failure serves a probe.
    private static let failuresKept: TimeInterval = 7 * 86400

    /// A result of the same key that was not taken yet, other than that of the run that made somebody ask.
    private func stored(
        _ key: String, used: Used, before began: Date
    ) async throws -> SearchConductor.Answer? {
        guard let build = try await engine.history.builds.build(key) else { return nil }
        let oldest = engine.now().addingTimeInterval(-Self.failuresKept)
        for attempt in build.attempts where attempt.run != question.trigger && attempt.start.startedAt < began {
            guard let outcome = attempt.outcome, let ended = attempt.finishedAt else { continue }
            let isFailure = outcome.result.isFailure && outcome.fault != .environment && ended >= oldest
            guard outcome.result == .passed || isFailure else { continue }
            guard await used.take(attempt.id) else { continue }
            return .init(answer: answer(outcome), reused: true, attempt: attempt.id)
        }
        return nil
    }
}
