// SPDX-License-Identifier: Apache-2.0

import CanaryBisection
import CanaryHistory
import CanaryJudge
package import CanaryModel
import Foundation

extension AutomaticSearch {
    /// What is found is confirmed this much later, in seconds: a burst of bad luck is over by then.
    private static let confirmedAfter: TimeInterval = 3600

    /// Goes on with the searches behind all jobs that fail and whose culprit is not known yet.
    ///
    /// - Returns: the commits that are confirmed now.
    /// - Throws: `EngineError` `interrupted` when `stop` was raised: what was found until then is kept.
    package func round() async throws -> [JobID: Commit] {
        var found: [JobID: Commit] = [:]
        let states = try await engine.history.decisions.judgeState().states
        for job in engine.stack.jobs {
            guard let episode = states[job]?.episode, episode.culprit == nil else { continue }
            guard try await probesLeft() > 0 else { break }
            found[job] = try await confirmed(job)
        }
        return found
    }

    private func confirmed(_ job: JobID) async throws -> Commit? {
        guard let last = try await search(job).last, last.search.verdict?.kind == .culprit,
            let newest = last.probes.map({ $0.beganAt.addingTimeInterval($0.seconds) }).max(),
            engine.now() >= newest.addingTimeInterval(Self.confirmedAfter) || last.search.confirmation == .confirmed
        else { return nil }
        guard let end = try await search(job, confirming: true).last,
            end.search.confirmation == .confirmed, let commit = end.search.verdict?.suspects.first?.commit
        else { return nil }
        return Commit(project: commit.project, revision: commit.revision)
    }
}

extension Engine {
    /// Gives the judge the commit that is proven to have broken `job`.
    ///
    /// If another commit was reported before, this one is reported too.
    package func note(_ culprit: Commit, of job: JobID) async throws {
        let date = now()
        let kept = try await history.decisions.judgeState()
        var judge = kept.judge(of: stack, at: date)
        let events = judge.found(culprit, of: job, at: date)
        var verdicts = RunVerdicts()
        verdicts.events = events
        verdicts.judge = JudgeState(
            states: judge.states, board: judge.board, ages: judge.ages, silent: kept.silent)
        let run = try await history.runs.latest() ?? ""
        let composer = NoticeComposer(run: run, at: date, stack: stack, history: history)
        let entries = try await composer.entries(for: verdicts, updated: [], plan: Plan(jobs: [], builds: []))
        if let judge = verdicts.judge { try await history.keep(judge, putting: entries) }
    }
}
