// SPDX-License-Identifier: Apache-2.0

package import CanaryJudge
package import CanaryModel
package import Foundation

/// What the judge keeps between two runs.
package struct JudgeState: Sendable {
    /// What is remembered of each job.
    package var states: [JobID: JobJudgeState]
    /// The open notices.
    package var board: NoticeBoard
    /// What ended episodes taught.
    package var ages: LearnedAges
    /// The jobs of which nothing was heard for two periods, and since when that is told.
    package var silent: [JobID: Date]

    /// Makes what is kept; nothing by default.
    package init(
        states: [JobID: JobJudgeState] = [:], board: NoticeBoard = NoticeBoard(), ages: LearnedAges = LearnedAges(),
        silent: [JobID: Date] = [:]
    ) {
        self.states = states
        self.board = board
        self.ages = ages
        self.silent = silent
    }

    /// The judge of `stack` as it was left, for a run that begins at `date`.
    package func judge(of stack: Stack, at date: Date) -> StackJudge {
        // A schedule belongs to a variant, and looking far ahead on it takes its time.
        let periods = Dictionary(grouping: stack.jobs, by: \.variant).compactMapValues { jobs in
            jobs.first.flatMap(stack.schedule).flatMap { Cadence.period(of: $0, after: date) }
        }
        let cadences = stack.jobs.compactMap { job in periods[job.variant].map { (job, $0) } }
        return StackJudge(
            policy: stack.policy, cadences: Dictionary(uniqueKeysWithValues: cadences), states: states,
            board: board, ages: ages)
    }
}

/// What a judged run changed: written with its end, all or nothing.
package struct RunVerdicts: Sendable {
    /// The jobs whose record reads otherwise now.
    package var jobs: [RunJob] = []
    /// The changes of verdict.
    package var transitions: [Transition] = []
    /// What would be reported.
    package var events: [NoticeEvent] = []
    /// What goes into the outbox.
    package var entries: [OutboxEntry] = []
    /// What the judge keeps; nil for a run that was not judged.
    package var judge: JudgeState?

    /// Starts without any change.
    package init() {}
}

/// A decision of a person.
package struct HumanDecision: Hashable, Sendable {
    /// What was decided.
    package enum Kind: String, CaseIterable, Sendable {
        /// Somebody looks after an episode.
        case ack
        /// Nothing is told of a job until an instant.
        case mute
        /// The same, taken back.
        case unmute
        /// A run, an attempt, a search or a request is to end.
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
    /// Until when it holds; nil for ever.
    package let until: Date?
    /// What was said with it.
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
