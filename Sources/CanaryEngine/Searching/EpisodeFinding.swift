// SPDX-License-Identifier: Apache-2.0

import CanaryBisection
package import CanaryHistory
import CanaryJudge
package import CanaryModel
import Foundation

/// What a search that is over says about an open episode.
package struct EpisodeFinding: Hashable, Sendable {
    /// The job.
    package let job: JobID
    /// The id of its episode.
    package let episode: String
    /// The commit; nil if the search named none, or confirming builds contradicted it.
    package let culprit: EpisodeCulprit?

    /// What `chain` says; nil while it is open, and if `target` is not what an open episode failed on.
    package init?(_ chain: [SearchRecord], of target: UpstreamBisectTarget) {
        let searches = chain.map(\.search)
        guard let id = target.episode, let last = searches.last, let outer = chain.first, let verdict = last.verdict
        else { return nil }
        job = target.job
        episode = id
        guard verdict.kind == .culprit, let suspect = verdict.suspects.first, last.confirmation != .refuted else {
            culprit = nil
            return
        }
        // All searches around it must be right for it to be to blame.
        let confidence = searches.compactMap { $0.verdict?.suspects.first?.probability }.reduce(1, *)
        culprit = EpisodeCulprit(
            suspect.commit, confidence: confidence, isConfirmed: last.confirmation == .confirmed,
            search: outer.start.id, foundAt: chain.map(\.lastProbedAt).max() ?? outer.start.beganAt)
    }
}

extension Engine {
    /// Records `finding` in its episode, if that is still open; a confirmed commit is news.
    ///
    /// Those who were notified about another commit before are notified about this one.
    ///
    /// - Parameter notifies: whether notices go into the outbox.
    /// - Returns: whether the episode was changed.
    @discardableResult
    package func record(_ finding: EpisodeFinding, notifies: Bool) async throws -> Bool {
        let known = try await history.jobs.overview()[finding.job]?.episode
        guard let known, known.id == finding.episode, known.culprit != finding.culprit else { return false }
        guard let culprit = finding.culprit, culprit.isConfirmed else {
            return try await recorder.record(finding.culprit, ofEpisode: finding.episode, judge: nil, adding: [])
        }
        let date = now()
        let state = try await history.decisions.judgeState()
        var judge = state.judge(of: stack, at: date)
        let proven = Commit(project: culprit.commit.project, revision: culprit.commit.revision)
        var verdicts = RunVerdicts()
        verdicts.events = judge.found(proven, of: finding.job, at: date)
        let learned = JudgeState(of: judge, silent: state.silent)
        verdicts.judge = learned
        let run = try await history.runs.latest() ?? ""
        let composer = NoticeComposer(run: run, at: date, stack: stack, history: history)
        let entries =
            notifies
            ? try await composer.entries(for: verdicts, updated: [], plan: Plan(jobs: [], builds: [])) : []
        return try await recorder.record(culprit, ofEpisode: finding.episode, judge: learned, adding: entries)
    }
}
