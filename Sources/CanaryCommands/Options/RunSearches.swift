// SPDX-License-Identifier: Apache-2.0

import CanaryEngine
import CanaryModel
import CanaryServer

/// The searches of `run --bisect`: what an earlier one left to confirm before the run, what is broken after it.
struct RunSearches {
    let session: StateSession
    let stop: StopSignal
    let common: CommonOptions
    /// Whether confirmed commits are news.
    let notifies: Bool

    /// Confirms the commits that were found an hour or more ago, so that the notices of the run can name them.
    func confirm() async throws {
        _ = try await searching { try await $0.jobsToConfirm() }
    }

    /// Searches for what broke the jobs with an open episode; returns the searches that built something.
    func search() async throws -> [SearchStory] {
        try await searching { try await $0.openJobs() }
    }

    private func searching(_ choose: (AutomaticSearch) async throws -> [JobID]) async throws -> [SearchStory] {
        try await SearchProgress.showing(common) { events in
            let searches = AutomaticSearch(engine: session.engine, stop: stop, events: events)
            var stories: [SearchStory] = []
            for job in try await choose(searches) {
                guard try await searches.probesLeft() > 0 else {
                    events.yield(.note("\(job): no probe is left for today; see `limits.probes` and `search-hours`"))
                    continue
                }
                events.yield(.note("\(job): searching for what broke it"))
                guard let found = try await searches.search(job) else { continue }
                if let finding = found.finding { try await session.engine.record(finding, notifies: notifies) }
                if found.isNew { stories.append(SearchStory(found.chain)) }
            }
            return stories
        }
    }
}
