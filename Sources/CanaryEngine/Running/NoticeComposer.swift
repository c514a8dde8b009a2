// SPDX-License-Identifier: Apache-2.0

import CanaryHistory
import CanaryJudge
import CanaryModel
import Foundation

/// Turns what is news into notices, addressed to their receivers.
struct NoticeComposer {
    let run: String
    let at: Date
    let stack: Stack
    let history: HistoryReader

    /// The entries that go into the outbox when the run ends; none about jobs that are muted.
    ///
    /// - Parameter updated: groups whose notices were sent before and that have changed since.
    func entries(for verdicts: RunVerdicts, updated: [NoticeEvent], plan: Plan) async throws -> [OutboxEntry] {
        guard !stack.notify.isEmpty, !(verdicts.events.isEmpty && updated.isEmpty) else { return [] }
        let mutes = try await history.decisions.mutes(at: at)
        let facts = try await facts(verdicts, plan: plan)
        var entries: [OutboxEntry] = []
        // More jobs in an environment notice are not news.
        let updates = updated.filter { $0.kind == .page }.map { page in
            var update = page
            update.kind = .updated
            return update
        }
        for event in verdicts.events + updates where !event.jobs.allSatisfy({ mutes[$0] != nil }) {
            var context = NoticeContext(run: run, at: at)
            context.facts = facts
            context.held = held(in: event, board: verdicts.judge?.board)
            let changed = event.kind == .changed ? verdicts.judge?.board.group(of: event.job)?.number : nil
            if let number = event.number ?? changed, event.kind != .page {
                context.thread = try await history.notices.thread(ofNotice: number)
            }
            entries += stack.outboxEntries(for: Notice(event, of: stack, in: context))
        }
        return entries
    }

    private func held(in event: NoticeEvent, board: NoticeBoard?) -> Set<JobID> {
        Set(event.jobs.filter { board?.group(of: $0)?.jobs[$0] == .held })
    }

    private func facts(_ verdicts: RunVerdicts, plan: Plan) async throws -> [JobID: NoticeFacts] {
        let overview = try await history.jobs.overview()
        let attempts = try await history.runs.run(run)?.attempts ?? []
        let opened = Dictionary(
            verdicts.transitions.compactMap { change in change.episode.map { (change.job, $0) } },
            uniquingKeysWith: { first, _ in first })
        var facts: [JobID: NoticeFacts] = [:]
        for job in plan.jobs {
            let known = overview[job.job]
            var fact = NoticeFacts()
            fact.episode = opened[job.job] ?? known?.episode?.id
            fact.lastKnownGood = known?.lastKnownGood.map { RevisionVector(of: $0, project: job.job.project) }
            fact.firstKnownBad = known?.firstKnownBad.map { RevisionVector(of: $0, project: job.job.project) }
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
}
