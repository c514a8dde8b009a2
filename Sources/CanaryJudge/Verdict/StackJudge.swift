// SPDX-License-Identifier: Apache-2.0

package import CanaryModel
package import Foundation

/// A change of verdict.
package struct VerdictChange: Hashable, Sendable {
    /// The job.
    package let job: JobID
    /// The verdict before.
    package let from: Verdict
    /// The verdict after.
    package let to: Verdict
    /// The start of the run that caused it.
    package let at: Date
}

/// What one run means: the verdicts that changed, and what is reported.
package struct JudgeResult: Hashable, Sendable {
    /// The changes of verdict, in the order of the observations; a job may change twice.
    package var changes: [VerdictChange] = []
    /// What is reported, sorted by job.
    package var events: [NoticeEvent] = []
    /// Groups whose notices were sent before and that more jobs have joined, in their present state.
    package var updated: [NoticeEvent] = []
}

/// The judge of all jobs of a stack.
///
/// A value without a clock: the same observations in the same order give the same results. Between runs its states, its
/// groups and its learned ages are stored.
package struct StackJudge: Sendable {
    /// What is remembered about each job.
    package private(set) var states: [JobID: JobJudgeState]
    /// The open groups.
    package private(set) var board: NoticeBoard
    /// What was learned from ended episodes.
    package private(set) var ages: LearnedAges
    private let policy: Policy
    private let cadences: [JobID: TimeInterval]

    /// Continues from what was stored.
    ///
    /// - Parameter cadences: seconds between two runs of each job, if known.
    package init(
        policy: Policy, cadences: [JobID: TimeInterval] = [:], states: [JobID: JobJudgeState] = [:],
        board: NoticeBoard = NoticeBoard(), ages: LearnedAges = LearnedAges()
    ) {
        self.policy = policy
        self.cadences = cadences
        self.states = states
        self.board = board
        self.ages = ages
    }

    /// What is remembered about `job`; the initial state if it was never observed.
    package func state(of job: JobID) -> JobJudgeState { states[job] ?? JobJudgeState() }

    /// The rule by which `job` is paged now.
    package func rule(for job: JobID) -> PageRule {
        let learned = upstreams(of: job, state(of: job).episode).compactMap(ages.age(of:)).max()
        return PageRule(policy, cadence: cadences[job], learned: learned)
    }

    /// How often a failed first attempt is repeated, for a build that decides `jobs`.
    package func reruns(for jobs: some Sequence<JobID>) -> Int {
        jobs.map { state(of: $0).reruns(policy) }.max() ?? policy.reruns
    }

    /// The build that is required before `observation` can be judged; ask again with its answer until this is nil.
    package func owes(for observation: JobObservation, given answers: Answers = Answers()) -> AttemptPurpose? {
        state(of: observation.job).owes(for: observation, given: answers, by: rule(for: observation.job))
    }

    /// When `job` is to run again on fresh branch heads, before its next scheduled run; nil if it is not.
    package func reprobeAt(_ job: JobID) -> Date? {
        let state = state(of: job)
        guard state.verdict == .suspected, let pause = rule(for: job).reprobe else { return nil }
        return state.lastSeenAt.map { $0 + pause }
    }

    /// Judges the observations of one run that began at `date`, one per job.
    package mutating func judge(
        _ observations: [JobObservation], given answers: [JobID: Answers] = [:], at date: Date
    ) -> JudgeResult {
        var result = JudgeResult()
        var steps: [NoticeBoard.Step] = []
        for observation in observations {
            let job = observation.job
            var state = state(of: job)
            let (verdict, episode) = (state.verdict, state.episode)
            let news = state.take(observation, given: answers[job] ?? Answers(), by: rule(for: job))
            states[job] = state
            result.changes += Self.changes(
                of: job, from: verdict, by: news, to: state.verdict, at: observation.inputs.at)
            let isClosed = episode != nil && state.episode == nil
            if isClosed, let episode { learn(job, episode, closedAt: observation.inputs.at) }
            steps.append(
                NoticeBoard.Step(
                    job: job, news: news, failed: observation.weight == .fail,
                    since: isClosed ? episode?.openedAt : nil))
        }
        (result.events, result.updated) = board.settle(steps, at: date, states: states)
        return result
    }

    /// Records that a search has proven `culprit` to have broken `job`.
    ///
    /// - Returns: an update of the page that was sent without it; a page, if another commit was reported before.
    package mutating func found(_ culprit: Commit, of job: JobID, at date: Date) -> [NoticeEvent] {
        guard states[job]?.episode != nil else { return [] }
        states[job]?.episode?.culprit = culprit
        return board.found(culprit, of: job, at: date, states: states)
    }

    private static func changes(
        of job: JobID, from verdict: Verdict, by news: [JobJudgeState.News], to end: Verdict, at date: Date
    ) -> [VerdictChange] {
        // A policy can page on the first failure.
        let path = [verdict] + (news.contains(.suspected) ? [.suspected] : []) + [end]
        return zip(path, path.dropFirst()).filter { $0 != $1 }.map {
            VerdictChange(job: job, from: $0, to: $1, at: date)
        }
    }

    private mutating func learn(_ job: JobID, _ episode: OpenEpisode, closedAt date: Date) {
        for upstream in upstreams(of: job, episode) { ages.add(episode.age(at: date), of: upstream) }
    }

    /// The projects that may have broken `job`; the project itself if the upstreams are not known.
    private func upstreams(of job: JobID, _ episode: OpenEpisode?) -> [String] {
        guard episode?.bad.upstreams != nil else { return [job.project] }
        return episode?.changes(of: job)?.changes.compactMap(\.project) ?? []
    }
}
