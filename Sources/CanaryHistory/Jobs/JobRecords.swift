// SPDX-License-Identifier: Apache-2.0

package import CanaryJudge
package import CanaryModel
package import Foundation

/// A job in a run: the decision about it, what it ended with, and its verdict.
package struct RunJob: Hashable, Sendable {
    /// The decision and its end; `finished` is nil while the job is open, and its `tree` is not stored here.
    package let planned: PlannedJob
    /// The job's verdict after this run.
    package let verdict: Verdict
    /// The issue of the expected failure that it met, or that it passed in spite of.
    package let expectedIssue: String?

    /// What it ended with; nil while open.
    package var outcome: Outcome? { planned.finished?.outcome }
    /// What it ended with, in one word; nil while open.
    package var result: Result? { outcome?.result }
    /// Whether it failed and passed on the same inputs.
    package var flaky: Bool { planned.finished?.flaky ?? false }

    /// Makes the record of a job.
    package init(planned: PlannedJob, verdict: Verdict, expectedIssue: String? = nil) {
        self.planned = planned
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
    /// Whether that run changed verdicts.
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

/// What a job's newest runs ended with.
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
    /// The detail of the newest decision.
    package let detail: String
}

/// A job's verdict with its last result, last known good and first known bad.
package struct JobOverview: Hashable, Sendable {
    /// The verdict.
    package let verdict: Verdict
    /// Since when it holds: the start of the run that brought it; nil while unknown from the beginning.
    package let since: Date?
    /// Its last result in any run, judged or not; skipped, cancelled and interrupted ones do not count.
    package let lastResult: Result?
    /// When the run of `lastResult` started.
    package let lastRunAt: Date?
    /// The issue of the expected failure that `lastResult` met, or that it passed in spite of.
    package let expectedIssue: String?
    /// The newest judged pass that was not flaky.
    package private(set) var lastKnownGood: JobBuild?
    /// The oldest judged failure after the last known good; the oldest of all if there is no good one.
    package private(set) var firstKnownBad: JobBuild?
    /// The open episode, while suspected or broken.
    package let episode: EpisodeRecord?
    /// What the judge remembers about it.
    package var memory = JobJudgeState()
    /// When operators were notified that no run of it finishes; nil while runs finish.
    package var silentSince: Date?

    /// The same with other ends of the range in which something broke.
    package func between(_ good: JobBuild?, _ bad: JobBuild?) -> JobOverview {
        var overview = self
        (overview.lastKnownGood, overview.firstKnownBad) = (good, bad)
        return overview
    }
}
