// SPDX-License-Identifier: Apache-2.0

import CanaryHistory
import CanaryJudge
import CanaryModel
import Foundation

/// Turns what a judged run saw into verdicts, once the builds that the rules ask for are made.
struct RunJudge {
    private let run: String
    private let startedAt: Date
    private let stack: Stack
    private let kept: JudgeState
    private(set) var judge: StackJudge
    private var answers: [JobID: Answers] = [:]

    init(run: String, startedAt: Date, stack: Stack, kept: JudgeState) {
        self.run = run
        self.startedAt = startedAt
        self.stack = stack
        self.kept = kept
        judge = kept.judge(of: stack, at: startedAt)
    }

    /// The jobs that cannot be judged before the same inputs, or their last known good, are built once more.
    func owed(_ purpose: AttemptPurpose, by jobs: [PlannedJob]) -> Set<JobID> {
        Set(
            jobs.compactMap(sighting).filter {
                judge.owes(for: $0, given: answers[$0.job] ?? Answers()) == purpose
            }.map(\.job))
    }

    /// Notes what a build made for `purpose` said of `job`.
    mutating func add(_ evidence: Evidence, of job: JobID, to purpose: AttemptPurpose) {
        answers[job, default: Answers()].add(evidence, to: purpose)
    }

    /// What a run that is not judged leaves: every verdict as it was.
    func left(_ jobs: [PlannedJob]) -> RunVerdicts {
        var verdicts = RunVerdicts()
        verdicts.jobs = jobs.map { record($0) }
        return verdicts
    }

    /// What the run means, and how open notices read now.
    mutating func judged(_ jobs: [PlannedJob]) -> (verdicts: RunVerdicts, updated: [Message]) {
        let ruling = judge.judge(jobs.compactMap(sighting), given: answers, at: startedAt)
        var verdicts = RunVerdicts()
        verdicts.jobs = jobs.map { record($0) }
        verdicts.transitions = ruling.changes.map { change in
            let opens = change.to == .suspected ? Identifier.make(.episode, at: startedAt) : nil
            return Transition(
                run: run, job: change.job, from: change.from, to: change.to, at: change.at, episode: opens)
        }
        let silent = silence(but: Set(jobs.filter { $0.reason.code == .stillBroken }.map(\.job)))
        verdicts.messages = ruling.messages + silent.messages
        verdicts.judge = JudgeState(of: judge, silent: silent.jobs)
        return (verdicts, ruling.updated)
    }

    private func sighting(of job: PlannedJob) -> JobObservation? {
        JobObservation(of: job, in: run, at: startedAt, expectedIssue: expectedIssue(of: job))
    }

    private func expectedIssue(of job: PlannedJob) -> String? {
        job.finished.flatMap { stack.expectedIssue(of: job.job, endingIn: $0.outcome, at: startedAt) }
    }

    private func record(_ job: PlannedJob) -> RunJob {
        RunJob(
            of: job, verdict: judge.memory(of: job.job).verdict,
            unconfirmed: answers[job.job]?.confirmation == .fail, expectedIssue: expectedIssue(of: job))
    }

    /// The jobs of which nothing was heard for two periods; each silence is told once.
    ///
    /// - Parameter known: jobs that were not built because it is known how that ends.
    private func silence(but known: Set<JobID>) -> (jobs: [JobID: Date], messages: [Message]) {
        // Jobs of one run were heard of at one time: a schedule is asked once for all of them.
        var silences: [CronSchedule: [Date: Bool]] = [:]
        let silent = stack.jobs.filter { job in
            let isHeld = stack.graph[job.project]?.hold?.holds(at: startedAt) ?? false
            guard !isHeld, !known.contains(job), let schedule = stack.schedule(of: job),
                let last = judge.memory(of: job).lastSeenAt
            else {
                return false
            }
            if let known = silences[schedule]?[last] { return known }
            let isSilent = Cadence.isSilent(since: last, on: schedule, at: startedAt)
            silences[schedule, default: [:]][last] = isSilent
            return isSilent
        }
        let new = silent.filter { kept.silent[$0] == nil }.sorted()
        let messages = new.first.map {
            Message(kind: .stale, job: $0, jobs: new, since: new.compactMap { judge.memory(of: $0).lastSeenAt }.min())
        }
        let jobs = Dictionary(uniqueKeysWithValues: silent.map { ($0, kept.silent[$0] ?? startedAt) })
        return (jobs, [messages].compactMap(\.self))
    }
}
