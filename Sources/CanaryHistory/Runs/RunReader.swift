// SPDX-License-Identifier: Apache-2.0

import CanaryJudge
import CanaryModel
import Foundation
import GRDB

/// Reads runs.
package struct RunReader: Sendable {
    let access: ReadAccess

    /// Everything about the run `id`; nil if there is none.
    package func run(_ id: String) async throws(HistoryError) -> RunRecord? {
        try await access.read { connection in
            guard let row = try connection.row("SELECT * FROM runs WHERE id = ?", [id]) else { return nil }
            let number: Int64 = row["seq"]
            return try RunRecord(
                start: row.runStart(), state: row.word("state"), finishedAt: row.optionalDate("finished_at"),
                snapshot: connection.snapshot(of: number), jobs: connection.runJobs(where: "j.run = ?", [number]),
                attempts: connection.attempts(where: "a.run = ?", [number]),
                transitions: connection.transitions(where: "t.run = ?", number),
                wouldTell: connection.events(of: number))
        }
    }

    /// The newest runs first, by the time they started.
    package func newest(limit: Int) async throws(HistoryError) -> [RunSummary] {
        try await access.read { connection in
            try connection.rows("SELECT * FROM runs ORDER BY started_at DESC, seq DESC LIMIT ?", [limit])
                .map { try connection.summary($0) }
        }
    }

    /// The id of the run that started last; nil while there is none.
    package func latest() async throws(HistoryError) -> String? {
        try await newest(limit: 1).first?.start.id
    }

    /// The revision each project's head had in the newest judged run that ended and knew it.
    package func latestHeads() async throws(HistoryError) -> [String: String] {
        // SQLite takes the columns outside an aggregate from the row with the maximum.
        let sql = """
            SELECT v.project, s.revision, max(v.run) FROM snapshot_revisions v
            JOIN runs r ON r.seq = v.run AND r.judged = 1 AND r.state = 'finished' JOIN sources s ON s.id = v.source
            WHERE v.kind = 'head' GROUP BY v.project
            """
        return try await access.read { connection in
            Dictionary(
                try connection.rows(sql).map { ($0["project"], $0["revision"]) },
                uniquingKeysWith: { first, _ in first })
        }
    }

    /// The newest judged run in which every `head` job of `variant` passed without a flake, or failed as expected.
    ///
    /// Jobs of held projects do not count. Nil if there is none yet.
    package func greenRun(of variant: String) async throws(HistoryError) -> GreenRun? {
        try await access.read { connection in
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
}

extension Database {
    fileprivate func summary(_ row: Row) throws -> RunSummary {
        var results: [CanaryModel.Result: Int] = [:]
        var open = 0
        let number: Int64 = row["seq"]
        for count in try rows("SELECT result, count(*) AS n FROM run_jobs WHERE run = ? GROUP BY result", [number]) {
            if let result: CanaryModel.Result = try count.optionalWord("result") {
                results[result] = count["n"]
            } else {
                open = count["n"]
            }
        }
        return try RunSummary(
            start: row.runStart(), state: row.word("state"), finishedAt: row.optionalDate("finished_at"),
            results: results, open: open)
    }

    fileprivate func snapshot(of run: Int64) throws -> Snapshot {
        var snapshot = Snapshot()
        let sql = """
            SELECT v.kind, v.project, v.pin, v.reason, v.detail, s.revision, s.tree, s.committed_at
            FROM snapshot_revisions v LEFT JOIN sources s ON s.id = v.source WHERE v.run = ?
            """
        for row in try rows(sql, [run]) {
            let resolution = try row.resolution()
            switch try row.word("kind") as SnapshotKind {
            case .head: snapshot.revisions[row["project"]] = resolution
            case .release: snapshot.releases[row["project"]] = resolution
            case .pin:
                snapshot.pins[PinnedRevision(project: row["project"], revision: row["pin"])] = resolution
            }
        }
        for row in try rows("SELECT variant, environment FROM environments WHERE run = ?", [run]) {
            snapshot.environments[row["variant"]] = row["environment"]
        }
        return snapshot
    }

    /// Jobs of runs, in the order they were recorded.
    func runJobs(where condition: String, _ arguments: StatementArguments) throws -> [RunJob] {
        let sql = """
            SELECT j.*, s.revision, s.tree, s.committed_at
            FROM run_jobs j LEFT JOIN sources s ON s.id = j.source WHERE \(condition) ORDER BY j.id
            """
        let rows = try rows(sql, arguments)
        let upstreams = try upstreams(of: Set(rows.map { $0["id"] }))
        return try rows.map { row in try row.runJob(upstreams: upstreams[row["id"]] ?? [:]) }
    }

    fileprivate func events(of run: Int64) throws -> [NoticeEvent] {
        try rows("SELECT * FROM run_messages WHERE run = ? ORDER BY n", [run]).map { row in
            if let whole: String = row["message"] { return try JSON.value(whole) }
            return try NoticeEvent(kind: row.word("kind"), job: row.job())
        }
    }
}

extension Row {
    fileprivate func runStart() throws -> RunStart {
        RunStart(
            id: self["id"], trigger: self["trigger"], judged: self["judged"], startedAt: date("started_at"),
            driver: driver())
    }

    /// The process that executes a run or an attempt.
    func driver() -> StateHolder { StateHolder(pid: self["driver_pid"], startedAt: self["driver_started_at"]) }

    fileprivate func resolution() throws -> Resolution {
        if let reason: ReasonCode = try optionalWord("reason") { return .failed(reason, detail: self["detail"]) }
        return .source(source)
    }

    fileprivate func runJob(upstreams: [String: Source]) throws -> RunJob {
        let hasSource: Int64? = self["source"]
        let flaky: Bool = self["flaky"]
        let plan = try PlannedJob(
            job: job(), source: hasSource.map { _ in source }, upstreams: upstreams, key: self["key"],
            conditional: self["conditional"], action: word("action"),
            reason: DecisionReason(word("decision"), self["decision_detail"]),
            redUpstreams: JSON.value(self["red_upstreams"], or: []), fallback: JSON.value(self["fallback"], or: [:]),
            finished: outcome().map { FinishedBuild(outcome: $0, flaky: flaky) }, recipe: self["recipe"],
            environment: self["environment"])
        return try RunJob(planned: plan, verdict: word("verdict"), expectedIssue: self["expected_issue"])
    }
}
