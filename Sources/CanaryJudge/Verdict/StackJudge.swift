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
    /// The start of the run that brought it.
    package let at: Date
}

/// What one run means: which verdicts moved and what is told.
package struct JudgeResult: Hashable, Sendable {
    /// The changes of verdict, in the order of the sightings; a job may change twice.
    package var changes: [VerdictChange] = []
    /// What is told, by job.
    package var messages: [Message] = []
    /// Notices that were sent before and that more jobs came into, as they read now.
    package var updated: [Message] = []
}

/// The judge of all jobs of a stack: rules.md 2.
///
/// A value without a clock: the same sightings in the same order give the same rulings. Between runs it is kept as its
/// memories, its board and its learned ages.
package struct StackJudge: Sendable {
    /// What is remembered of each job.
    package private(set) var memories: [JobID: JobJudgeState]
    /// The open notices.
    package private(set) var board: NoticeBoard
    /// What ended episodes taught.
    package private(set) var ages: LearnedAges
    private let policy: Policy
    private let cadences: [JobID: TimeInterval]

    /// Goes on from what was kept.
    ///
    /// - Parameter cadences: seconds between two runs of each job, where they are known.
    package init(
        policy: Policy, cadences: [JobID: TimeInterval] = [:], memories: [JobID: JobJudgeState] = [:],
        board: NoticeBoard = NoticeBoard(), ages: LearnedAges = LearnedAges()
    ) {
        self.policy = policy
        self.cadences = cadences
        self.memories = memories
        self.board = board
        self.ages = ages
    }

    /// What is remembered of `job`; of one never seen, nothing.
    package func memory(of job: JobID) -> JobJudgeState { memories[job] ?? JobJudgeState() }

    /// When `job` is news, as things stand.
    package func rule(for job: JobID) -> PageRule {
        let learned = upstreams(of: job, memory(of: job).episode).compactMap(ages.age(of:)).max()
        return PageRule(policy, cadence: cadences[job], learned: learned)
    }

    /// How often a first attempt that failed is run again, for a build that decides `jobs`.
    package func reruns(for jobs: some Sequence<JobID>) -> Int {
        jobs.map { memory(of: $0).reruns(policy) }.max() ?? policy.reruns
    }

    /// The build that must be made before `sighting` can be judged; to be asked again with its answer until nil.
    package func owes(for sighting: JobObservation, given answers: Answers = Answers()) -> AttemptPurpose? {
        memory(of: sighting.job).owes(for: sighting, given: answers, by: rule(for: sighting.job))
    }

    /// When `job` is to be run again on fresh heads, before its schedule says so; nil when it is not.
    package func reprobeAt(_ job: JobID) -> Date? {
        let memory = memory(of: job)
        guard memory.verdict == .suspected, let pause = rule(for: job).reprobe else { return nil }
        return memory.lastSeenAt.map { $0 + pause }
    }

    /// Takes in the sightings of one run, one a job, all begun at `date`.
    package mutating func judge(
        _ sightings: [JobObservation], given answers: [JobID: Answers] = [:], at date: Date
    ) -> JudgeResult {
        var ruling = JudgeResult()
        var steps: [NoticeBoard.Step] = []
        for sighting in sightings {
            let job = sighting.job
            var memory = memory(of: job)
            let (verdict, episode) = (memory.verdict, memory.episode)
            let news = memory.take(sighting, given: answers[job] ?? Answers(), by: rule(for: job))
            memories[job] = memory
            ruling.changes += Self.changes(of: job, from: verdict, by: news, to: memory.verdict, at: sighting.inputs.at)
            let isClosed = episode != nil && memory.episode == nil
            if isClosed, let episode { learn(job, episode, closedAt: sighting.inputs.at) }
            steps.append(
                NoticeBoard.Step(
                    job: job, news: news, failed: sighting.weight == .fail,
                    since: isClosed ? episode?.openedAt : nil))
        }
        (ruling.messages, ruling.updated) = board.settle(steps, at: date, memories: memories)
        return ruling
    }

    /// Notes the commit that a search has proven to have broken `job`.
    ///
    /// - Returns: a page, where people were told of another commit before.
    package mutating func found(_ culprit: Commit, of job: JobID, at date: Date) -> [Message] {
        guard memories[job]?.episode != nil else { return [] }
        memories[job]?.episode?.culprit = culprit
        return board.found(culprit, of: job, at: date, memories: memories)
    }

    private static func changes(
        of job: JobID, from verdict: Verdict, by news: [JobJudgeState.News], to end: Verdict, at date: Date
    ) -> [VerdictChange] {
        // A policy may page with the first failure.
        let path = [verdict] + (news.contains(.suspected) ? [.suspected] : []) + [end]
        return zip(path, path.dropFirst()).filter { $0 != $1 }.map {
            VerdictChange(job: job, from: $0, to: $1, at: date)
        }
    }

    private mutating func learn(_ job: JobID, _ episode: OpenEpisode, closedAt date: Date) {
        for upstream in upstreams(of: job, episode) { ages.add(episode.age(at: date), of: upstream) }
    }

    /// The projects that may have broken `job`; where its inputs do not say, the project itself.
    private func upstreams(of job: JobID, _ episode: OpenEpisode?) -> [String] {
        guard episode?.bad.upstreams != nil else { return [job.project] }
        let movers = episode?.movement(of: job)?.movers ?? []
        return movers.compactMap(\.project)
    }
}
