// SPDX-License-Identifier: Apache-2.0

import CanaryHistory
import CanaryJudge
import CanaryModel
import Foundation

/// Composes the notices of a run and addresses them to its receivers.
struct NoticeComposer {
    let run: String
    let at: Date
    let stack: Stack
    let history: History

    /// What goes into the outbox when the run ends; nothing about muted jobs.
    ///
    /// - Parameter updated: open notices whose text changed.
    func postings(of verdicts: RunVerdicts, updated: [Message], plan: Plan) async throws -> [Posting] {
        guard !stack.notify.isEmpty, !(verdicts.messages.isEmpty && updated.isEmpty) else { return [] }
        let mutes = try await history.mutes(at: at)
        let facts = try await facts(verdicts, plan: plan)
        var postings: [Posting] = []
        // An environment notice that covers more jobs now says nothing new.
        let updated = updated.filter { $0.kind == .page }
        for (message, isUpdate) in verdicts.messages.map({ ($0, false) }) + updated.map({ ($0, true) })
        where !message.jobs.allSatisfy({ mutes[$0] != nil }) {
            var context = NoticeContext(run: run, at: at)
            context.isUpdate = isUpdate
            context.facts = facts
            context.held = held(in: message, board: verdicts.judge?.board)
            let changed = message.kind == .changed ? verdicts.judge?.board.notice(of: message.job)?.number : nil
            if let number = message.notice ?? changed, isUpdate || message.kind != .page {
                context.thread = try await history.thread(ofNotice: number)
            }
            postings += stack.postings(of: Notice(message, of: stack, in: context))
        }
        return postings
    }

    private func held(in message: Message, board: NoticeBoard?) -> Set<JobID> {
        Set(message.jobs.filter { board?.notice(of: $0)?.jobs[$0] == .held })
    }

    private func facts(_ verdicts: RunVerdicts, plan: Plan) async throws -> [JobID: NoticeFacts] {
        let overview = try await history.overview()
        let attempts = try await history.run(run)?.attempts ?? []
        let opened = Dictionary(
            verdicts.transitions.compactMap { change in change.episode.map { (change.job, $0) } },
            uniquingKeysWith: { first, _ in first })
        var facts: [JobID: NoticeFacts] = [:]
        for job in plan.jobs {
            let known = overview[job.job]
            var fact = NoticeFacts()
            fact.episode = opened[job.job] ?? known?.episode?.id
            fact.lastKnownGood = known?.lastKnownGood.map { point($0, of: job.job) }
            fact.firstKnownBad = known?.firstKnownBad.map { point($0, of: job.job) }
            fact.environment = job.environment
            fact.firstError = job.finished?.outcome.firstError ?? known?.episode?.firstError
            fact.attempt =
                attempts.last { attempt in
                    attempt.key == job.key && attempt.outcome?.result.isFailure == true
                }?.start.id
            fact.issue = verdicts.jobs.first { $0.planned.job == job.job }?.expectedIssue
            facts[job.job] = fact
        }
        return facts
    }

    private func point(_ build: JobBuild, of job: JobID) -> Notice.Point {
        let sources = build.upstreams.merging([job.project: build.source]) { $1 }
        return Notice.Point(at: build.at, revisions: sources.mapValues(\.revision))
    }
}
