// SPDX-License-Identifier: Apache-2.0

package import CanaryJudge
package import CanaryModel
package import Foundation

/// What the judge remembers between two runs: stored and loaded as this one value.
package struct JudgeState: Sendable {
    /// What is remembered about each job.
    package var states: [JobID: JobJudgeState]
    /// The open notices.
    package var board: NoticeBoard
    /// What closed episodes taught.
    package var ages: LearnedAges
    /// The jobs without a finished run for two schedule periods, and since when operators know.
    package var silent: [JobID: Date]

    /// Makes a state; empty by default.
    package init(
        states: [JobID: JobJudgeState] = [:], board: NoticeBoard = NoticeBoard(), ages: LearnedAges = LearnedAges(),
        silent: [JobID: Date] = [:]
    ) {
        self.states = states
        self.board = board
        self.ages = ages
        self.silent = silent
    }

    /// The state in which `judge` is left; `silent` are the jobs of which operators know that they are silent.
    package init(of judge: StackJudge, silent: [JobID: Date]) {
        self.init(states: judge.states, board: judge.board, ages: judge.ages, silent: silent)
    }

    /// The judge of `stack` in this state, for a run that starts at `date`.
    package func judge(of stack: Stack, at date: Date) -> StackJudge {
        // A schedule belongs to a variant, and looking far ahead on it is slow.
        let periods = Dictionary(grouping: stack.jobs, by: \.variant).compactMapValues { jobs in
            jobs.first.flatMap(stack.schedule).flatMap { Cadence.period(of: $0, after: date) }
        }
        let cadences = stack.jobs.compactMap { job in periods[job.variant].map { (job, $0) } }
        return StackJudge(
            policy: stack.policy, cadences: Dictionary(uniqueKeysWithValues: cadences), states: states,
            board: board, ages: ages)
    }
}

/// What a judged run changed: recorded with its end, all or nothing.
package struct RunVerdicts: Sendable {
    /// The jobs whose record has changed.
    package var jobs: [RunJob] = []
    /// The changes of verdict.
    package var transitions: [Transition] = []
    /// What people would be notified of.
    package var events: [NoticeEvent] = []
    /// What goes into the outbox.
    package var entries: [OutboxEntry] = []
    /// The judge's new state; nil for a run that was not judged.
    package var judge: JudgeState?

    /// Makes verdicts without any change.
    package init() {}
}

/// A decision of a person.
package struct HumanDecision: Hashable, Sendable {
    /// What was decided.
    package enum Kind: String, CaseIterable, Sendable {
        /// Somebody is working on an episode.
        case ack
        /// Notices about a job are silenced until a given time.
        case mute
        /// Notices about a job are sent again.
        case unmute
        /// A run, an attempt, a search or a request must end.
        case cancel
    }

    /// What was decided.
    package let kind: Kind
    /// The id or the job it is about.
    package let subject: String
    /// Who decided.
    package let who: String
    /// When.
    package let at: Date
    /// When it expires; nil for never.
    package let until: Date?
    /// The comment given with it.
    package let note: String

    /// Makes a decision.
    package init(_ kind: Kind, on subject: String, by who: String, at date: Date, until: Date? = nil, note: String = "")
    {
        self.kind = kind
        self.subject = subject
        self.who = who
        at = date
        self.until = until
        self.note = note
    }
}
