// SPDX-License-Identifier: Apache-2.0

import CanaryHistory
import CanaryJudge
import CanaryModel
import Foundation

/// Turns the results of a judged run into verdicts, once the builds that the rules require are done.
struct RunJudge {
    private let run: String
    private let startedAt: Date
    private let stack: Stack
    private let previous: JudgeState
    private(set) var judge: StackJudge
    private var answers: [JobID: Answers] = [:]

    init(run: String, startedAt: Date, stack: Stack, previous: JudgeState) {
        self.run = run
        self.startedAt = startedAt
        self.stack = stack
        self.previous = previous
        judge = previous.judge(of: stack, at: startedAt)
    }

    /// The jobs that cannot be judged before the same inputs (confirm) or their last known good (control) are built again.
    func owed(_ purpose: AttemptPurpose, by jobs: [PlannedJob]) -> Set<JobID> {
        Set(
            jobs.compactMap(observation).filter {
                judge.owes(for: $0, given: answers[$0.job] ?? Answers()) == purpose
            }.map(\.job))
    }

    /// Adds what a build for `purpose` showed about `job`.
    mutating func add(_ evidence: Evidence, of job: JobID, to purpose: AttemptPurpose) {
        answers[job, default: Answers()].add(evidence, to: purpose)
    }

    /// The record of a run that is not judged: every verdict as it was.
    func unjudged(_ jobs: [PlannedJob]) -> RunVerdicts {
        var verdicts = RunVerdicts()
        verdicts.jobs = jobs.map { record($0) }
        return verdicts
    }

    /// The verdicts of the run, and the open notices whose text changed.
    mutating func judged(_ jobs: [PlannedJob]) -> (verdicts: RunVerdicts, updated: [NoticeEvent]) {
        let result = judge.judge(jobs.compactMap(observation), given: answers, at: startedAt)
        var verdicts = RunVerdicts()
        verdicts.jobs = jobs.map { record($0) }
        verdicts.transitions = result.changes.map { change in
            let opens = change.to == .suspected ? Identifier.make(.episode, at: startedAt) : nil
            return Transition(
                run: run, job: change.job, from: change.from, to: change.to, at: change.at, episode: opens)
        }
        let silent = silence(but: Set(jobs.filter { $0.reason.code == .stillBroken }.map(\.job)))
        verdicts.events = result.events + silent.events
        verdicts.judge = JudgeState(
            states: judge.states, board: judge.board, ages: judge.ages, silent: silent.jobs)
        return (verdicts, result.updated)
    }

    private func observation(of job: PlannedJob) -> JobObservation? {
        JobObservation(of: job, in: run, at: startedAt, expectedIssue: expectedIssue(of: job))
    }

    private func expectedIssue(of job: PlannedJob) -> String? {
        job.finished.flatMap { stack.expectedIssue(of: job.job, endingIn: $0.outcome, at: startedAt) }
    }

    private func record(_ job: PlannedJob) -> RunJob {
        RunJob(
            of: job, verdict: judge.state(of: job.job).verdict,
            unconfirmed: answers[job.job]?.confirmation == .fail, expectedIssue: expectedIssue(of: job))
    }

    /// The jobs without a finished run for two schedule periods, and a notice about those that are new.
    ///
    /// - Parameter known: jobs that were not built because they are known to be broken.
    private func silence(but known: Set<JobID>) -> (jobs: [JobID: Date], events: [NoticeEvent]) {
        // Jobs of one run have one time: each schedule is evaluated once for all of them.
        var silences: [CronSchedule: [Date: Bool]] = [:]
        let silent = stack.jobs.filter { job in
            let isHeld = stack.graph[job.project]?.hold?.holds(at: startedAt) ?? false
            guard !isHeld, !known.contains(job), let schedule = stack.schedule(of: job),
                let last = judge.state(of: job).lastSeenAt
            else {
                return false
            }
            if let known = silences[schedule]?[last] { return known }
            let isSilent = Cadence.isSilent(since: last, on: schedule, at: startedAt)
            silences[schedule, default: [:]][last] = isSilent
            return isSilent
        }
        let new = silent.filter { previous.silent[$0] == nil }.sorted()
        let stale = new.first.map {
            NoticeEvent(
                kind: .stale, job: $0, jobs: new, since: new.compactMap { judge.state(of: $0).lastSeenAt }.min())
        }
        let jobs = Dictionary(uniqueKeysWithValues: silent.map { ($0, previous.silent[$0] ?? startedAt) })
        return (jobs, [stale].compactMap(\.self))
    }
}
