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
        let overview = try await history.jobs.overview()
        let facts = try await facts(verdicts, plan: plan, overview)
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
            context.culprit = overview[event.job]?.episode?.culprit.flatMap(Notice.Culprit.init)
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

    private func facts(
        _ verdicts: RunVerdicts, plan: Plan, _ overview: [JobID: JobOverview]
    ) async throws -> [JobID: NoticeFacts] {
        let attempts = try await history.runs.run(run)?.attempts ?? []
        let opened = Dictionary(
            verdicts.transitions.compactMap { change in change.episode.map { (change.job, $0) } },
            uniquingKeysWith: { first, _ in first })
        var facts: [JobID: NoticeFacts] = [:]
        let planned = Dictionary(plan.jobs.map { ($0.job, $0) }, uniquingKeysWith: { first, _ in first })
        // What a search finds out is news of jobs that no run has planned.
        for id in Set(planned.keys).union(verdicts.events.flatMap(\.jobs)) {
            let (job, known) = (planned[id], overview[id])
            var fact = NoticeFacts()
            fact.episode = opened[id] ?? known?.episode?.id
            fact.lastKnownGood = known?.lastKnownGood.map { RevisionVector(of: $0, project: id.project) }
            fact.firstKnownBad = known?.firstKnownBad.map { RevisionVector(of: $0, project: id.project) }
            fact.environment = job?.environment ?? known?.firstKnownBad?.environment
            fact.firstError = job?.finished?.outcome.firstError ?? known?.episode?.firstError
            fact.attempt =
                job.flatMap { job in
                    attempts.last { $0.key == job.key && $0.outcome?.result.isFailure == true }
                }?.start.id
            fact.issue = verdicts.jobs.first { $0.planned.job == id }?.expectedIssue
            facts[id] = fact
        }
        return facts
    }
}

extension Notice.Culprit {
    /// A commit that is confirmed; nobody is notified of others.
    fileprivate init?(_ culprit: EpisodeCulprit) {
        guard culprit.isConfirmed else { return nil }
        self.init(culprit.commit, confidence: culprit.confidence, isConfirmed: true)
    }
}
