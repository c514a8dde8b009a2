// SPDX-License-Identifier: Apache-2.0

package import CanaryModel
package import Foundation
import GRDB

extension History {
    /// The newest judged run in which every `head` job of `variant` passed without a flake, or failed as expected.
    ///
    /// Jobs of held projects are left out of account. Nil when there is none yet.
    package func greenRun(of variant: String) async throws(HistoryError) -> GreenRun? {
        try await read { connection in
            guard let row = try connection.row(Self.newestGreen, [variant, variant]) else { return nil }
            let number: Int64 = row["seq"]
            return try GreenRun(
                run: row["id"], at: row.date("started_at"),
                environment: connection.row(
                    "SELECT environment FROM environments WHERE run = ? AND variant = ?", [number, variant]
                )?["environment"],
                jobs: connection.runJobs(
                    where: "j.run = ? AND j.variant = ? AND j.lane = 'head'", [number, variant]))
        }
    }

    /// Each condition on `b` repeats the words of the partial index that answers it.
    private static let newestGreen = """
        SELECT r.seq, r.id, r.started_at FROM runs r
        WHERE r.judged = 1 AND r.state = 'finished'
            AND EXISTS (
                SELECT 1 FROM run_jobs g WHERE g.run = r.seq AND g.variant = ? AND g.lane = 'head'
                    AND g.result IS NOT NULL AND g.decision <> 'held'
            )
            AND NOT EXISTS (
                SELECT 1 FROM run_jobs b WHERE b.run = r.seq AND b.variant = ?
                    AND b.judged = 1 AND b.lane = 'head' AND (b.result IS NULL OR b.result <> 'passed' OR b.flaky = 1)
                    AND b.decision <> 'held'
                    AND NOT (b.expected_issue IS NOT NULL AND coalesce(b.result, '') IN ('failed', 'timedOut'))
            )
        ORDER BY r.started_at DESC, r.seq DESC LIMIT 1
        """

    /// The newest changes of verdict that were news, newest first.
    ///
    /// A job that passes for the first time is none.
    package func news(limit: Int) async throws(HistoryError) -> [TransitionNews] {
        let sql = """
            SELECT t.*, r.id AS run_id, e.id AS episode_id, j.error_text, j.error_file, j.error_line
            FROM transitions t JOIN runs r ON r.seq = t.run LEFT JOIN episodes e ON e.seq = t.episode
            LEFT JOIN run_jobs j ON j.run = e.opened_by AND j.project = e.project AND j.variant = e.variant
                AND j.lane = e.lane
            WHERE NOT (t.from_verdict = 'unknown' AND t.to_verdict = 'passing')
            ORDER BY t.at DESC, t.id DESC LIMIT ?
            """
        return try await read { connection in
            try connection.rows(sql, [limit]).map { row in
                try TransitionNews(
                    transition: Transition(
                        run: row["run_id"], job: row.job(), from: row.word("from_verdict"),
                        to: row.word("to_verdict"), at: row.date("at"), episode: row["episode_id"]),
                    firstError: row.firstError())
            }
        }
    }

    /// Numbers of all that happened.
    package func tallies() async throws(HistoryError) -> HistoryTallies {
        try await read { connection in
            var runs: [RunState: Int] = [:]
            for row in try connection.rows("SELECT state, count(*) AS n FROM runs GROUP BY state") {
                try runs[row.word("state")] = row["n"]
            }
            var attempts: [CanaryModel.Result: Int] = [:]
            var running = 0
            for row in try connection.rows("SELECT result, count(*) AS n FROM attempts GROUP BY result") {
                if let result: CanaryModel.Result = try row.optionalWord("result") {
                    attempts[result] = row["n"]
                } else {
                    running = row["n"]
                }
            }
            let open = try Int.fetchOne(
                connection, sql: "SELECT count(*) FROM requests WHERE state IN ('waiting', 'running')")
            return HistoryTallies(runs: runs, attempts: attempts, running: running, openRequests: open ?? 0)
        }
    }

    /// The revision each project's head had in the newest judged run that ended and knew it.
    package func latestHeads() async throws(HistoryError) -> [String: String] {
        // Of the columns outside an aggregate SQLite takes those of the row with the maximum.
        let sql = """
            SELECT v.project, s.revision, max(v.run) FROM snapshot_revisions v
            JOIN runs r ON r.seq = v.run AND r.judged = 1 AND r.state = 'finished' JOIN sources s ON s.id = v.source
            WHERE v.kind = 'head' GROUP BY v.project
            """
        return try await read { connection in
            Dictionary(
                try connection.rows(sql).map { ($0["project"], $0["revision"]) },
                uniquingKeysWith: { first, _ in first })
        }
    }

    /// Hours that attempts took since `start`, those under way up to `now` included.
    package func buildHours(since start: Date, now: Date) async throws(HistoryError) -> Double {
        let sql = """
            SELECT coalesce(sum(coalesce(finished_at, ?1) - max(started_at, ?2)), 0) FROM attempts
            WHERE coalesce(finished_at, ?1) > ?2 AND seq > (SELECT coalesce(max(seq), 0) - 20000 FROM attempts)
            """
        return try await read { connection in
            let sum = try Double.fetchOne(
                connection.cachedStatement(sql: sql), arguments: [now.milliseconds, start.milliseconds])
            return max(0, sum ?? 0) / 3_600_000
        }
    }
}

extension History {
    /// What happened to each of `jobs`, newest run first, at most `limit` runs each.
    package func histories(of jobs: [JobID], limit: Int) async throws(HistoryError) -> [JobID: [JobHistoryEntry]] {
        try await read { connection in
            var entries: [JobID: [JobHistoryEntry]] = [:]
            for job in jobs { entries[job] = try connection.entries(of: job, limit: limit) }
            return entries
        }
    }

    /// The attempts on the builds with these `keys`, in the order they began.
    package func attempts(on keys: Set<String>) async throws(HistoryError) -> [AttemptRecord] {
        try await read { connection in
            try connection.attempts(
                where: "a.build IN (SELECT k.id FROM json_each(?) e JOIN builds k ON k.key = e.value)",
                [JSON.text(keys.sorted())])
        }
    }
}
