// SPDX-License-Identifier: Apache-2.0

import CanaryHistory
import CanaryModel
import Foundation

/// Turns the decisions of a run into verdicts.
struct Judging {
    let run: String
    let startedAt: Date
    let standings: [JobID: Standing]
    /// What confirmations said, by build key.
    let confirmations: [String: FinishedBuild]
    let stack: Stack

    struct Verdicts {
        var jobs: [RunJob] = []
        var transitions: [Transition] = []
        var messages: [Message] = []
    }

    /// Judges every job.
    func judge(_ jobs: [PlannedJob]) -> Verdicts {
        var verdicts = Verdicts()
        for job in jobs { judge(job, into: &verdicts) }
        return verdicts
    }

    /// Leaves every verdict as it is.
    func leave(_ jobs: [PlannedJob]) -> Verdicts {
        Verdicts(
            jobs: jobs.map {
                RunJob(of: $0, verdict: standing(of: $0.job).verdict, expectedIssue: expectedIssue(of: $0))
            })
    }

    private func expectedIssue(of job: PlannedJob) -> String? {
        job.finished.flatMap { stack.expectedIssue(of: job.job, endingIn: $0.outcome, at: startedAt) }
    }

    private func standing(of job: JobID) -> Standing { standings[job] ?? .unknown }

    private func judge(_ job: PlannedJob, into verdicts: inout Verdicts) {
        let standing = standing(of: job.job)
        let expectedIssue = expectedIssue(of: job)
        let said = job.finished.map(Evidence.init(of:)) ?? .none
        // An expected failure is no news and proves nothing.
        let evidence = expectedIssue != nil && said == .fail ? .none : said
        let confirmation = job.key.flatMap { confirmations[$0] }.map(Evidence.init(of:))
        let judgement = Judge.weigh(
            evidence, on: standing.verdict, confirmation: confirmation, onFallback: !job.fallback.isEmpty)
        if let message = Message(
            job: job.job, verdict: standing.verdict, evidence: evidence, judgement: judgement)
        {
            verdicts.messages.append(message)
        }
        var verdict = standing.verdict
        if case .becomes(let next) = judgement {
            verdict = next
            verdicts.transitions.append(transition(of: job.job, from: standing, to: next))
        }
        verdicts.jobs.append(
            RunJob(of: job, verdict: verdict, unconfirmed: confirmation == .fail, expectedIssue: expectedIssue))
    }

    private func transition(of job: JobID, from standing: Standing, to next: Verdict) -> Transition {
        let episode = next == .suspected ? Identifier.make(.episode, at: startedAt) : standing.episode
        return Transition(run: run, job: job, from: standing.verdict, to: next, at: startedAt, episode: episode)
    }
}
