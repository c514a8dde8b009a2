// SPDX-License-Identifier: Apache-2.0

import CanaryBisection
import CanaryHistory
import CanaryJudge
package import CanaryModel
import Foundation

extension AutomaticSearch {
    /// The seconds until a result is confirmed: a series of accidental failures is over by then.
    private static let confirmationDelay: TimeInterval = 3600

    /// Searches for all failing jobs without a known culprit, or continues earlier searches.
    ///
    /// - Returns: the culprits that are now confirmed.
    /// - Throws: `EngineError` `interrupted` when `stop` was raised; progress is kept.
    package func searchAll() async throws -> [JobID: Commit] {
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
            engine.now() >= newest.addingTimeInterval(Self.confirmationDelay) || last.search.confirmation == .confirmed
        else { return nil }
        guard let end = try await search(job, confirming: true).last,
            end.search.confirmation == .confirmed, let commit = end.search.verdict?.suspects.first?.commit
        else { return nil }
        return Commit(project: commit.project, revision: commit.revision)
    }
}

extension Engine {
    /// Records the proven culprit of `job` and notifies about it.
    ///
    /// Those who were notified about another commit before are notified about this one.
    package func note(_ culprit: Commit, of job: JobID) async throws {
        let date = now()
        let state = try await history.decisions.judgeState()
        var judge = state.judge(of: stack, at: date)
        let events = judge.found(culprit, of: job, at: date)
        var verdicts = RunVerdicts()
        verdicts.events = events
        verdicts.judge = JudgeState(
            states: judge.states, board: judge.board, ages: judge.ages, silent: state.silent)
        let run = try await history.runs.latest() ?? ""
        let composer = NoticeComposer(run: run, at: date, stack: stack, history: history)
        let entries = try await composer.entries(for: verdicts, updated: [], plan: Plan(jobs: [], builds: []))
        if let judge = verdicts.judge { try await recorder.store(judge, adding: entries) }
    }
}
