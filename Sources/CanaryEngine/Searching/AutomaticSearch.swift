// SPDX-License-Identifier: Apache-2.0

import CanaryBisection
package import CanaryHistory
package import CanaryModel
import Foundation

/// Searches without a request, for jobs that became suspected, within the stack's `limits.probes`.
///
/// The caller holds the lock of the state folder, and raises `stop` when the job passes again; progress is kept.
package struct AutomaticSearch: Sendable {
    let engine: Engine
    private let stop: StopSignal
    private let events: AsyncStream<SearchEvent>.Continuation

    /// Makes searches in `engine`.
    package init(engine: Engine, stop: StopSignal, events: AsyncStream<SearchEvent>.Continuation) {
        self.engine = engine
        self.stop = stop
        self.events = events
    }

    /// How many probes are left: `limits.probes` less those of the last 24 hours.
    package func probesLeft() async throws -> Int {
        let since = engine.now().addingTimeInterval(-86400)
        return max(0, engine.stack.limits.probes - (try await engine.history.searches.probes(madeSince: since)))
    }

    /// Searches what broke `job`, or continues an earlier search.
    ///
    /// - Parameter confirming: whether to confirm the result, an hour after it was found and before anybody is notified.
    /// - Returns: the search, and those inside merges, outermost first; empty if no probes are left, the job has no
    ///   last known good, or nothing changed.
    /// - Throws: `EngineError` `interrupted` when `stop` was raised; `HistoryError`, `GitFailure`.
    package func search(
        _ job: JobID, confirming: Bool = false
    ) async throws -> [SearchRecord] {
        let left = try await probesLeft()
        guard left > 0, try await engine.history.jobs.lastKnownGood(of: job) != nil else { return [] }
        var request = UpstreamRequest(downstream: job.project)
        request.variant = job.variant
        request.lane = job.lane
        let target = try await engine.bisectTarget(request)
        guard !target.subject.commits.isEmpty else { return [] }
        var settings = SearchSettings(rates: SearchRates(learned: target.learned))
        settings.options.confirms = confirming
        // The usual budget, unless fewer probes are left; what earlier calls spent is part of it.
        let spent =
            try await engine.history.searches.search(asking: target.digest)?.probes.count { !$0.probe.reused } ?? 0
        let usual = Int(4 * log2(Double(target.subject.commits.count + 2)) + 12)
        settings.options.budget = min(usual, spent + left)
        let search = UpstreamSearch(target, settings: settings, engine: engine, stop: stop, events: events)
        return try await search.run(fresh: false)
    }
}
