// SPDX-License-Identifier: Apache-2.0

package import CanaryJudge
package import CanaryModel
package import Foundation

/// The decision about one job, as history keeps it: a `PlannedJob` without what it ended with.
package struct RecordedPlan: Hashable, Sendable {
    /// The job.
    package let job: JobID
    /// The project's revision; nil when it could not be resolved.
    package let source: Source?
    /// The upstreams really used, transitive ones too.
    package let upstreams: [String: Source]
    /// The build's key; never without `source`, `recipe` and `environment`.
    package let key: String?
    /// Whether the decision might still have changed when upstreams ended.
    package let conditional: Bool
    /// The decision.
    package let action: Action
    /// Why.
    package let reason: DecisionReason
    /// The upstreams that ended other than passed, whatever was used in their place.
    package let redUpstreams: [String]
    /// The revisions used in place of red upstreams.
    package let fallback: [String: String]
    /// The digest of the expanded recipe.
    package let recipe: String?
    /// The environment id.
    package let environment: String?

    /// Keeps what `planned` says.
    package init(_ planned: PlannedJob) {
        self.init(
            job: planned.job, source: planned.source, upstreams: planned.upstreams, key: planned.key,
            conditional: planned.conditional, action: planned.action, reason: planned.reason,
            redUpstreams: planned.redUpstreams, fallback: planned.fallback, recipe: planned.recipe,
            environment: planned.environment)
    }

    /// Makes the record of a decision.
    package init(
        job: JobID, source: Source?, upstreams: [String: Source], key: String?, conditional: Bool, action: Action,
        reason: DecisionReason, redUpstreams: [String], fallback: [String: String], recipe: String?,
        environment: String?
    ) {
        self.job = job
        self.source = source
        self.upstreams = upstreams
        self.key = key
        self.conditional = conditional
        self.action = action
        self.reason = reason
        self.redUpstreams = redUpstreams
        self.fallback = fallback
        self.recipe = recipe
        self.environment = environment
    }
}

/// A job in a run: what was decided, and what it ended with.
package struct RunJob: Hashable, Sendable {
    /// The decision.
    package let planned: RecordedPlan
    /// What it ended with; nil while open.
    package let outcome: Outcome?
    /// Whether it failed and passed on the same inputs.
    package let flaky: Bool
    /// The job's verdict after this run.
    package let verdict: Verdict
    /// The issue of the expected failure that it met, or that it passed in spite of.
    package let expectedIssue: String?

    /// What it ended with, in one word; nil while open.
    package var result: Result? { outcome?.result }

    /// Puts a decision and its end together; an `outcome` wins over a bare `result`.
    package init(
        planned: PlannedJob, result: Result?, flaky: Bool, outcome: Outcome?, verdict: Verdict,
        expectedIssue: String? = nil
    ) {
        self.init(
            planned: RecordedPlan(planned), flaky: flaky, outcome: outcome ?? result.map { Outcome(result: $0) },
            verdict: verdict, expectedIssue: expectedIssue)
    }

    /// Puts a recorded decision and its end together; `outcome` is nil while the job is open.
    package init(
        planned: RecordedPlan, flaky: Bool, outcome: Outcome?, verdict: Verdict, expectedIssue: String? = nil
    ) {
        self.planned = planned
        self.outcome = outcome
        self.flaky = flaky
        self.verdict = verdict
        self.expectedIssue = expectedIssue
    }
}

/// One job in one run, as a line of the job's history.
package struct JobHistoryEntry: Hashable, Sendable {
    /// The run.
    package let run: String
    /// When that run started.
    package let at: Date
    /// Whether that run moved verdicts.
    package let judged: Bool
    /// What was decided.
    package let action: Action
    /// Why.
    package let reason: DecisionReason
    /// What it ended with; nil while open.
    package let result: Result?
    /// Whether it failed and passed on the same inputs.
    package let flaky: Bool
    /// The project's revision.
    package let revision: String?
    /// The build.
    package let key: String?
    /// The job's verdict after that run.
    package let verdict: Verdict
}

/// What a job's newest runs ended with: enough for a line of marks.
package struct JobStrip: Hashable, Sendable {
    /// What one run ended with.
    package struct End: Hashable, Sendable {
        /// In one word; nil while open.
        package let result: Result?
        /// Whether it failed and passed on the same inputs.
        package let flaky: Bool
    }

    /// Newest run first.
    package let ends: [End]
    /// What the newest decision says for people.
    package let detail: String
}

/// Where a job stands, and the ends of the rope it hangs on.
package struct JobOverview: Hashable, Sendable {
    /// The verdict.
    package let standing: JobStatus
    /// What it last ended with in any run, judged or not; skipped, cancelled and interrupted ends replace nothing.
    package let lastResult: Result?
    /// When the run of `lastResult` started.
    package let lastRunAt: Date?
    /// The issue of the expected failure that `lastResult` met, or that it passed in spite of.
    package let expectedIssue: String?
    /// The newest judged pass that was not flaky.
    package let lastKnownGood: JobBuild?
    /// The oldest judged failure after the last known good; of all, where there is no good one.
    package let firstKnownBad: JobBuild?
    /// The open episode.
    package let episode: EpisodeRecord?
    /// What the judge remembers of it.
    package var memory = JobJudgeState()
    /// Since when it is told that nothing is heard of it; nil when there is nothing to tell.
    package var silentSince: Date?
}
