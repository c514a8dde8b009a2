// SPDX-License-Identifier: Apache-2.0

import CanaryJudge
import GRDB

extension Database {
    /// Records a transition, changes the job's verdict, and opens or closes its episode.
    func apply(_ transition: Transition, run: Int64) throws {
        let job = transition.job
        try seat(job)
        let standing = try row(
            "SELECT verdict, episode FROM standings WHERE project = ? AND variant = ? AND lane = ?",
            StatementArguments(job.columns))
        let before: Verdict = try standing?.word("verdict") ?? .unknown
        guard before == transition.from else {
            throw HistoryError(
                .contradiction,
                "`\(job)` is \(before.rawValue), and cannot go from \(transition.from.rawValue) to "
                    + transition.to.rawValue)
        }
        let current: Int64? = standing?["episode"]
        let episode = try current ?? open(transition, run: run)
        try insert(transition, episode: episode, run: run)
        let stays = transition.to == .suspected || transition.to == .broken
        try perform(
            "UPDATE standings SET verdict = ?, since = ?, episode = ? WHERE project = ? AND variant = ? AND lane = ?",
            StatementArguments(
                [transition.to.rawValue, transition.at.milliseconds, stays ? episode : nil] + job.columns))
        if !stays { try close(episode, by: transition, run: run) }
    }

    private func open(_ transition: Transition, run: Int64) throws -> Int64? {
        guard transition.to == .suspected else { return nil }
        guard let id = transition.episode else {
            throw HistoryError(.contradiction, "`\(transition.job)` becomes suspected without an episode")
        }
        try perform(
            "INSERT INTO episodes (id, opened_at, opened_by, project, variant, lane) VALUES (?, ?, ?, ?, ?, ?)",
            StatementArguments([id, transition.at.milliseconds, run] + transition.job.columns))
        return lastInsertedRowID
    }

    private func insert(_ transition: Transition, episode: Int64?, run: Int64) throws {
        try perform(
            """
            INSERT INTO transitions (project, variant, lane, run, from_verdict, to_verdict, at, episode)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """,
            StatementArguments(
                transition.job.columns + [
                    run, transition.from.rawValue, transition.to.rawValue, transition.at.milliseconds, episode,
                ]))
    }

    private func close(_ episode: Int64?, by transition: Transition, run: Int64) throws {
        try perform(
            "UPDATE episodes SET closed_at = max(opened_at, ?), closed_by = ? WHERE seq = ?",
            [transition.at.milliseconds, run, episode])
    }
}
