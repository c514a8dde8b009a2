// SPDX-License-Identifier: Apache-2.0

package import CanaryHistory
import CanaryJudge
package import CanaryModel
import Foundation

/// Everything that a stack publishes, from the present state of history.
package struct Publication: Sendable {
    let stack: Stack
    let history: HistoryReader?

    /// - Parameter history: nil if there is none yet: every job is unknown then.
    package init(stack: Stack, history: HistoryReader?) {
        self.stack = stack
        self.history = history
    }

    /// The status of every job, or of those in `jobs`.
    package func status(only jobs: Set<JobID>? = nil) async throws -> StatusDocument {
        let overview = try await history?.jobs.overview() ?? [:]
        let facts = StatusFacts(
            overview: overview, tests: try await history?.tests.newest(of: stack.jobs) ?? [:],
            judge: try await judgeState(overview), clusters: try await clusters(),
            lastChange: try await history?.lastChange())
        return StatusDocument(stack: stack, facts: facts, only: jobs)
    }

    /// The errors that jobs of the stack fail with now, each with all of its jobs that do or did.
    package func clusters() async throws -> [FailureCluster] {
        let jobs = Set(stack.jobs)
        return try await history?.jobs.clusters().map { $0.among(jobs) } ?? []
    }

    /// The state of the judge, with the job states that `overview` already holds.
    func judgeState(_ overview: [JobID: JobOverview]) async throws -> JudgeState {
        JudgeState(
            states: overview.mapValues(\.memory), ages: try await history?.decisions.learnedAges() ?? LearnedAges())
    }

    /// The changes of verdict that were news.
    package func news() async throws -> NewsDocument {
        NewsDocument(
            stack: stack, news: try await history?.jobs.news(limit: NewsDocument.length) ?? [],
            lastChange: try await history?.lastChange())
    }

    /// The badge of every job.
    package func badges() async throws -> [JobID: BadgeDocument] {
        let overview = try await history?.jobs.outline() ?? [:]
        let now = try await history?.lastChange() ?? .distantPast
        let pairs = stack.jobs.map { job in
            let isHeld = stack.graph[job.project]?.hold?.holds(at: now) ?? false
            return (job, BadgeDocument(job: job, overview: overview[job], isHeld: isHeld))
        }
        return Dictionary(pairs, uniquingKeysWith: { first, _ in first })
    }

    /// The vector of `variant` that was last known to be good; nil if there is none yet.
    package func lastKnownGood(of variant: String) async throws -> LockDocument? {
        guard let history, let green = try await history.runs.greenRun(of: variant) else { return nil }
        let excepted = green.jobs.filter { $0.result != .passed && $0.expectedIssue != nil }.map(\.planned.job)
        return LockDocument(
            stack: stack, variant: variant, green: green, goods: try await history.jobs.lastKnownGoods(of: excepted))
    }

    /// The run `id`; nil if there is none.
    package func run(_ id: String) async throws -> RunDocument? {
        guard let history, let record = try await history.runs.run(id) else { return nil }
        return RunDocument(
            record, builds: try await history.builds.builds(of: id), tests: try await history.tests.jobTests(in: id))
    }

    /// The metrics of history; a server adds its own.
    func metrics() async throws -> Metrics {
        Metrics(
            stack: stack, overview: try await history?.jobs.outline() ?? [:], tallies: try await history?.tallies(),
            lastChange: try await history?.lastChange())
    }
}
