// SPDX-License-Identifier: Apache-2.0

package import CanaryJudge
package import CanaryModel
package import Foundation

/// The process that executes a run or an attempt.
package struct StateHolder: Hashable, Sendable {
    /// Its process id; above 0.
    package let pid: Int
    /// An opaque token of its start: it tells the process from a later one with the same id.
    package let startedAt: String

    /// Names a process.
    package init(pid: Int, startedAt: String) {
        self.pid = pid
        self.startedAt = startedAt
    }
}

/// A run as it begins.
package struct RunStart: Hashable, Sendable {
    /// Its id, `r...`; never used again.
    package let id: String
    /// What started it.
    package let trigger: String
    /// Whether it changes verdicts: its snapshot is the unpinned branch heads.
    package let judged: Bool
    /// When its inputs were resolved; runs are ordered by it.
    package let startedAt: Date
    /// The process that executes it.
    package let driver: StateHolder

    /// Makes the start of a run.
    package init(id: String, trigger: String, judged: Bool, startedAt: Date, driver: StateHolder) {
        self.id = id
        self.trigger = trigger
        self.judged = judged
        self.startedAt = startedAt
        self.driver = driver
    }
}

/// The state of a run.
package enum RunState: String, CaseIterable, Sendable {
    case running
    case finished
    /// Its process died or was stopped.
    case interrupted
}

/// Everything that history knows about one run.
package struct RunRecord: Sendable {
    /// How it began.
    package let start: RunStart
    /// Its state.
    package let state: RunState
    /// When it ended; nil while it runs.
    package let finishedAt: Date?
    /// What its names stood for.
    package let snapshot: Snapshot
    /// Its jobs, in the order they were recorded.
    package let jobs: [RunJob]
    /// The attempts this run executed, in the order they began.
    package let attempts: [AttemptRecord]
    /// The changes of verdict it brought.
    package let transitions: [Transition]
    /// What people would have been notified of.
    package let wouldTell: [NoticeEvent]
}

/// One line of the list of runs.
package struct RunSummary: Hashable, Sendable {
    /// How it began.
    package let start: RunStart
    /// Its state.
    package let state: RunState
    /// When it ended; nil while it runs.
    package let finishedAt: Date?
    /// How many jobs ended with each result; results no job ended with are absent.
    package let results: [Result: Int]
    /// How many jobs are still open.
    package let open: Int
}

/// The newest judged run in which every `head` job of a variant passed, or failed as expected.
package struct GreenRun: Hashable, Sendable {
    /// The run.
    package let run: String
    /// When it started.
    package let at: Date
    /// The environment of the variant in it; nil if it was not available.
    package let environment: String?
    /// The `head` jobs of the variant, in the order they were recorded.
    package let jobs: [RunJob]
}
