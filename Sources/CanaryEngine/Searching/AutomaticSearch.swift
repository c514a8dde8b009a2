// SPDX-License-Identifier: Apache-2.0

import CanaryBisection
package import CanaryHistory
package import CanaryModel
import Foundation

/// Searches without a request, for jobs with an open episode, within the stack's `limits.probes` and `search-hours`.
///
/// The caller holds the lock of the state folder, and raises `stop` when the job passes again; progress is kept.
package struct AutomaticSearch: Sendable {
    /// A search of this call.
    package struct Found: Sendable {
        /// The search, and those inside merges, outermost first.
        package let chain: [SearchRecord]
        /// What it says about an open episode; nil if it is not over, or about something else.
        package let finding: EpisodeFinding?
        /// Whether this call built something.
        package let isNew: Bool
    }

    let engine: Engine
    private let stop: StopSignal
    private let events: AsyncStream<SearchEvent>.Continuation

    /// The seconds until a result is confirmed: a series of accidental failures is over by then.
    private static let confirmationDelay: TimeInterval = 3600
    /// The seconds until a search that named no commit is made again.
    private static let repetitionDelay: TimeInterval = 86_400

    /// Makes searches in `engine`.
    package init(engine: Engine, stop: StopSignal, events: AsyncStream<SearchEvent>.Continuation) {
        self.engine = engine
        self.stop = stop
        self.events = events
    }

    /// How many probes are left: `limits.probes` less those of the last 24 hours; none once these took `search-hours`.
    package func probesLeft() async throws -> Int {
        let (now, limits) = (engine.now(), engine.stack.limits)
        let since = now.addingTimeInterval(-86400)
        let hours = try await engine.history.builds.buildHours(since: since, now: now, ofSearches: true)
        guard hours < limits.searchHours else { return 0 }
        return max(0, limits.probes - (try await engine.history.searches.probes(madeSince: since)))
    }

    /// The jobs with an open episode.
    package static func failingJobs(in engine: Engine) async throws -> Set<JobID> {
        Set(try await engine.history.jobs.overview().filter { $0.value.episode != nil }.keys)
    }

    /// The jobs to search now, in the order of the stack: without a culprit, or with one that is to be confirmed.
    package func openJobs() async throws -> [JobID] {
        let overview = try await engine.history.jobs.overview()
        return engine.stack.jobs.filter { job in
            guard let episode = overview[job]?.episode else { return false }
            return episode.culprit.map(isConfirmationDue) ?? true
        }
    }

    /// The jobs whose culprit was found an hour or more ago, and is to be confirmed now.
    package func jobsToConfirm() async throws -> [JobID] {
        let overview = try await engine.history.jobs.overview()
        return engine.stack.jobs.filter { overview[$0]?.episode?.culprit.map(isConfirmationDue) ?? false }
    }

    private func isConfirmationDue(_ culprit: EpisodeCulprit) -> Bool {
        !culprit.isConfirmed && engine.now() >= culprit.foundAt.addingTimeInterval(Self.confirmationDelay)
    }

    /// Searches what broke `job`, or continues an earlier search; confirms the commit once an hour has passed.
    ///
    /// - Returns: nil if no probes are left, the job has no last known good, nothing changed, or the same search named
    ///   no commit within the last day.
    /// - Throws: `EngineError` `interrupted` when `stop` was raised; `HistoryError`, `GitFailure`.
    package func search(_ job: JobID) async throws -> Found? {
        let left = try await probesLeft()
        guard left > 0, try await engine.history.jobs.lastKnownGood(of: job) != nil else { return nil }
        var request = UpstreamRequest(downstream: job.project)
        request.variant = job.variant
        request.lane = job.lane
        let target = try await engine.bisectTarget(request)
        guard !target.subject.commits.isEmpty else { return nil }
        var settings = SearchSettings(rates: SearchRates(learned: target.learned))
        settings.options.confirms = try await jobsToConfirm().contains(job)
        // The usual budget, unless fewer probes are left; what earlier calls spent is part of it.
        let known = try await engine.history.searches.search(asking: target.digest)
        let spent = known?.probes.count { !$0.probe.reused } ?? 0
        let usual = Int(4 * log2(Double(target.subject.commits.count + 2)) + 12)
        settings.options.budget = min(usual, spent + left)
        let began = engine.now()
        if let known, known.namesNoCommit, began < known.lastProbedAt.addingTimeInterval(Self.repetitionDelay) {
            return nil
        }
        let search = UpstreamSearch(target, settings: settings, engine: engine, stop: stop, events: events)
        let chain = try await search.run(fresh: false)
        let isNew = chain.flatMap(\.probes).contains { $0.beganAt >= began }
        return Found(chain: chain, finding: EpisodeFinding(chain, of: target), isNew: isNew)
    }
}
