// SPDX-License-Identifier: Apache-2.0

package import CanaryBisection
import CanaryGit
package import CanaryHistory
import CanaryModel
import CanaryRunner
import CanaryText
import Foundation

/// The search of `bisect upstream`: probes are snapshots, built as any run builds them.
///
/// The caller holds the lock of the state folder.
package struct UpstreamSearch: Sendable {
    private let engine: Engine
    private let target: UpstreamBisectTarget
    private var settings: SearchSettings
    private let stop: StopSignal
    private let events: AsyncStream<SearchEvent>.Continuation
    private let builder: ProbeBuilder
    private let evidence: EvidenceSearch

    /// Makes a search.
    package init(
        _ target: UpstreamBisectTarget, settings: SearchSettings, engine: Engine, stop: StopSignal,
        events: AsyncStream<SearchEvent>.Continuation
    ) {
        self.engine = engine
        self.target = target
        self.settings = settings
        self.settings.test = target.test
        self.stop = stop
        self.events = events
        builder = ProbeBuilder(
            engine, job: target.job, stop: stop, sources: target.sources, slots: settings.options.workers)
        evidence = EvidenceSearch(target: target, engine: engine, builder: builder, stop: stop, events: events)
    }

    /// Searches, and continues inside a merge that is the culprit.
    ///
    /// - Parameter fresh: whether to start over, ignoring stored answers of this search; stored builds are still used.
    /// - Returns: the search, and those inside merges, outermost first.
    /// - Throws: `EngineError`, `GitFailure`, `HistoryError`.
    package func run(fresh: Bool) async throws -> [SearchRecord] {
        target.notes.forEach { events.yield(.note($0)) }
        let resolver = engine.resolver(Overrides(sources: target.sources))
        let graph = engine.stack.graph
        let chain = ChainedSearch(
            history: engine.history.searches, recorder: engine.recorder.searches, kind: .upstream, job: target.job,
            events: events, now: engine.now,
            commits: { name, base, head in
                guard let project = graph[name] else { return [] }
                return try await resolver.mirror(of: project)
                    .commits(from: base, to: head, ignoring: project.ignore, folder: project.folder)
            }, conduct: conduct)
        var settings = settings
        settings.options.built = target.built
        return try await chain.run(target.subject, digest: target.digest, settings: settings, fresh: fresh)
    }

    @Sendable private func conduct(
        _ opened: SearchRecord, settings: SearchSettings, around outer: SearchRecord?
    ) async throws -> SearchRecord {
        var record = opened
        let began = engine.now()
        // The first error is that of a known failure, else of the first failing probe; its names are used once.
        var needsEvidence =
            outer == nil && target.test == nil && settings.options.suspected.isEmpty && settings.options.named == nil
        if needsEvidence, let failure = target.failure {
            record = try await evidence.withEvidence(record, of: failure)
            needsEvidence = false
        }
        while true {
            let conductor = SearchConductor(
                recorder: engine.recorder.searches, record: record, stop: stop, events: events, now: engine.now)
            let subject = record.start.subject
            let weighed = [record, outer].compactMap(\.self) + (try await failed(before: record))
            let used = Used(weighed.flatMap(\.probes).compactMap(\.attempt))
            let pauses = needsEvidence
            let base = BaseCheck(record, isOutermost: outer == nil && !target.forked.isEmpty)
            let search = try await conductor.conduct(
                record.search,
                pausingWhen: { base.bad != nil || pauses && $0.probes.contains { $0.answer == .fail } },
                { request, _ in
                    let answer = try await ask(request, of: subject, used: used, before: began)
                    if base.suspects(answer.answer, of: request) { try await judge(base, of: subject) }
                    return answer
                })
            if let bad = base.bad { try await engine.recorder.searches.end(record, by: bad, at: engine.now()) }
            let stored = try await engine.history.searches.search(record.start.id) ?? record
            if base.bad != nil { return stored }
            if needsEvidence, !search.next.isEmpty {
                needsEvidence = false
                record = try await evidence.withEvidence(stored, of: try await failure(in: stored))
                continue
            }
            guard let settings = try await corrected(search, of: stored) else { return stored }
            record = try await engine.recorder.searches.resumed(stored, with: settings)
        }
    }

    /// The settings with which to go on, if the commit that was found cannot be the culprit.
    private func corrected(_ search: Search, of record: SearchRecord) async throws -> SearchSettings? {
        var settings = record.settings
        if let other = try await unlike(search, of: record) {
            settings.options.unlike = (settings.options.unlike ?? []).union([other])
            events.yield(.note("commit \(other) fails with another error: it is no proof of this failure"))
        } else if let refused = try await idle(search, of: record) {
            // A commit that installs the same files as its parent cannot break a downstream.
            settings.options.refused.insert(refused)
            events.yield(.note("commit \(refused) installs the same files as its parent: it cannot be the culprit"))
        } else {
            return nil
        }
        return settings
    }

    /// The searches for the same question that named no commit: what they built led to that, and is not asked again.
    private func failed(before record: SearchRecord) async throws -> [SearchRecord] {
        try await engine.history.searches.searches(asking: record.start.question)
            .filter { $0.start.id != record.start.id && $0.namesNoCommit }
    }

    /// The outcome of the last failing probe.
    private func failure(in record: SearchRecord) async throws -> Outcome? {
        guard let id = record.probes.last(where: { $0.probe.answer == .fail })?.attempt else { return nil }
        return try await engine.history.builds.attempt(id)?.outcome
    }

    /// The number of the culprit, if it only ever failed with another error than the job.
    private func unlike(_ search: Search, of record: SearchRecord) async throws -> Int? {
        guard search.verdict?.kind == .culprit, let number = search.verdict?.suspects.first?.number,
            let wanted = target.failure?.fingerprint, record.settings.options.unlike?.contains(number) != true
        else { return nil }
        let own = try await engine.history.searches.fingerprints(of: record)[number] ?? [wanted]
        return own.contains(wanted) ? nil : number
    }

    /// Builds what was called good when its merge base fails, and then the base again.
    private func judge(_ base: BaseCheck, of subject: SearchSubject) async throws {
        guard let (project, good) = target.forked.min(by: { $0.key < $1.key }) else { return }
        func passes(_ revisions: [String: String]) async throws -> Bool {
            let built = try await builder.build(at: revisions, probing: .control, trigger: "probe", forced: true)
            try built.requireSpace()
            return built.outcome.result == .passed
        }
        guard try await passes(subject.base.merging(target.forked) { $1 }), try await !passes(subject.base) else {
            return
        }
        events.yield(.note("`\(project)` \(good.shortRevision), called good, passes; its merge base fails"))
        base.note(BadBase(base: subject.base[project] ?? "", good: good))
    }

    /// The number of the culprit, if it is a commit of an upstream that installs the same files as its parent.
    private func idle(_ search: Search, of record: SearchRecord) async throws -> Int? {
        guard search.verdict?.kind == .culprit, let number = search.verdict?.suspects.first?.number,
            !record.settings.options.refused.contains(number)
        else { return nil }
        let project = record.start.subject.commits[number - 1].project
        guard project != target.job.project else { return nil }
        let after = try await tree(of: project, at: ProbePoint(prefix: number), in: record)
        let before = try await tree(of: project, at: ProbePoint(prefix: number - 1), in: record)
        return after != nil && after == before ? number : nil
    }

    /// The tree that `project` installed for a probe at `point`; nil if that is not known.
    private func tree(of project: String, at point: ProbePoint, in record: SearchRecord) async throws -> String? {
        try await engine.history.searches.installed(project, at: point, of: record)?.lastTree
    }

    // MARK: - One probe

    /// Attempts whose results are already used.
    final actor Used {
        private var attempts: Set<String>

        init(_ attempts: [String]) { self.attempts = Set(attempts) }

        /// Marks `attempt` as used; returns whether it was unused.
        func take(_ attempt: String) -> Bool { attempts.insert(attempt).inserted }
    }

    /// - Parameter began: attempts started since then belong to other probes of this search and are not reused.
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
            // Its upstreams had to be built first; with them it has a stored result.
            if request.phase == .search, let stored = try await stored(key, used: used, before: began) {
                return stored
            }
            built = try await builder.build(at: revisions, probing: purpose, trigger: "probe", forced: true)
        }
        try built.requireSpace()
        if let attempt = built.attempt { _ = await used.take(attempt.id) }
        let answer = try await answer(built.outcome, of: built.attempt?.id)
        return .init(
            answer: built.isSpoiled && answer != .untestable ? .error : answer, attempt: built.attempt?.id,
            isVoid: built.isSpoiled && built.attempt == nil && !built.hasAttempts)
    }

    private func answer(_ outcome: Outcome, of attempt: String?) async throws -> ProbeAnswer {
        guard let test = target.test else {
            return ProbeAnswer(of: outcome, stage: target.failure?.stage, fingerprint: target.failure?.fingerprint)
        }
        guard let attempt else { return ProbeAnswer(of: outcome, test: nil) }
        return ProbeAnswer(of: outcome, test: try await engine.history.tests.result(of: test, in: attempt))
    }

    /// How long a stored failure answers a probe, in seconds.
    private static let failureLifetime: TimeInterval = 7 * 86400

    /// An unused result of the same key, except those of the run whose failure started the search.
    private func stored(
        _ key: String, used: Used, before began: Date
    ) async throws -> SearchConductor.Answer? {
        guard let build = try await engine.history.builds.build(key) else { return nil }
        let oldest = engine.now().addingTimeInterval(-Self.failureLifetime)
        for attempt in build.attempts where attempt.run != target.trigger && attempt.start.startedAt < began {
            guard let outcome = attempt.outcome, let ended = attempt.finishedAt else { continue }
            let isFailure = outcome.result.isFailure && outcome.fault != .environment && ended >= oldest
            guard outcome.result == .passed || isFailure else { continue }
            let answer = try await answer(outcome, of: attempt.id)
            // An attempt of which the test is not known, maybe no longer, is not evidence about it.
            guard target.test == nil || answer != .untestable, await used.take(attempt.id) else { continue }
            return .init(answer: answer, reused: true, attempt: attempt.id)
        }
        return nil
    }
}
