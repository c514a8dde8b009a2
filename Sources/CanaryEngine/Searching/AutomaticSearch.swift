// SPDX-License-Identifier: Apache-2.0

import CanaryBisection
package import CanaryHistory
package import CanaryModel
import Foundation

/// Searches that nobody asked for: behind the run in which a job became suspected, within the stack's `limits.probes`.
///
/// The caller holds the driver's lock, and raises `stop` when the job heals: what was found until then is kept.
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

    /// How many probes may still be made: of `limits.probes` those of the last 24 hours are spent.
    package func probesLeft() async throws -> Int {
        let since = engine.now().addingTimeInterval(-86400)
        return max(0, engine.stack.limits.probes - (try await engine.history.searches.probes(madeSince: since)))
    }

    /// Searches what broke `job`, or goes on with it.
    ///
    /// - Parameter confirming: whether what was found is confirmed: an hour after it was found, before anybody is told.
    /// - Returns: the search, and those inside merges, outermost first; empty when no probe may be made, the job has no
    ///   last known good, or nothing moved.
    /// - Throws: `EngineError` `interrupted` when `stop` was raised; `HistoryError`, `GitFailure`.
    package func search(
        _ job: JobID, confirming: Bool = false
    ) async throws -> [SearchRecord] {
        let left = try await probesLeft()
        guard left > 0, try await engine.history.jobs.lastKnownGood(of: job) != nil else { return [] }
        var request = UpstreamRequest(downstream: job.project)
        request.variant = job.variant
        request.lane = job.lane
        let question = try await engine.question(request)
        guard !question.subject.commits.isEmpty else { return [] }
        var settings = SearchSettings(rates: SearchRates(learned: question.learned))
        settings.options.confirms = confirming
        // The usual budget, unless fewer are left; what an earlier call spent counts in it as well.
        let spent =
            try await engine.history.searches.search(asking: question.digest)?.probes.count { !$0.probe.reused } ?? 0
        let usual = Int(4 * log2(Double(question.subject.commits.count + 2)) + 12)
        settings.options.budget = min(usual, spent + left)
        let search = UpstreamSearch(question, settings: settings, engine: engine, stop: stop, events: events)
        return try await search.run(fresh: false)
    }
}
