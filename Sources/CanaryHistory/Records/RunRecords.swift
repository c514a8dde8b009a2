// SPDX-License-Identifier: Apache-2.0

package import CanaryJudge
package import CanaryModel
package import Foundation

/// The process that drives a run or an attempt.
package struct StateHolder: Hashable, Sendable {
    /// Its process id; above 0.
    package let pid: Int
    /// What tells it from a later process of the same id: an opaque token of its start.
    package let startedAt: String

    /// Names a process.
    package init(pid: Int, startedAt: String) {
        self.pid = pid
        self.startedAt = startedAt
    }
}

/// A run as it begins.
package struct RunStart: Hashable, Sendable {
    /// Its id, `r...`; unique for ever.
    package let id: String
    /// Who or what asked for it.
    package let trigger: String
    /// Whether it moves verdicts: its snapshot is the unpinned branch heads.
    package let judged: Bool
    /// When its inputs were looked up; runs are ordered by it.
    package let startedAt: Date
    /// The process that drives it.
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

/// Where a run is in its life.
package enum RunState: String, CaseIterable, Sendable {
    case running
    case finished
    /// Its driver died or was told to stop.
    case interrupted
}

/// All that history knows of one run.
package struct RunRecord: Sendable {
    /// How it began.
    package let start: RunStart
    /// Where it is in its life.
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
    /// What it would have told.
    package let wouldTell: [NoticeEvent]
}

/// One line of the list of runs.
package struct RunSummary: Hashable, Sendable {
    /// How it began.
    package let start: RunStart
    /// Where it is in its life.
    package let state: RunState
    /// When it ended; nil while it runs.
    package let finishedAt: Date?
    /// How many jobs ended with each result; results no job ended with are absent.
    package let results: [Result: Int]
    /// How many jobs are still open.
    package let open: Int
}
