// SPDX-License-Identifier: Apache-2.0

import CanaryJudge
import CanaryModel
package import Foundation
import GRDB

extension History {
    /// All that is known of the run `id`; nil when there is none.
    package func run(_ id: String) async throws(HistoryError) -> RunRecord? {
        try await read { connection in
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
    package func runs(limit: Int) async throws(HistoryError) -> [RunSummary] {
        try await read { connection in
            try connection.rows("SELECT * FROM runs ORDER BY started_at DESC, seq DESC LIMIT ?", [limit])
                .map { try connection.summary($0) }
        }
    }

    /// The id of the run that started last; nil while there is none.
    package func latestRun() async throws(HistoryError) -> String? {
        try await runs(limit: 1).first?.start.id
    }

    /// When history last changed, which moves forward with every change; nil while nothing has happened.
    package func lastChange() async throws(HistoryError) -> Date? {
        try await read { connection in try connection.row("SELECT changed_at FROM house")?.optionalDate("changed_at") }
    }
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

    /// The driver of a run or of an attempt.
    func driver() -> StateHolder { StateHolder(pid: self["driver_pid"], startedAt: self["driver_started_at"]) }

    fileprivate func resolution() throws -> Resolution {
        if let reason: ReasonCode = try optionalWord("reason") { return .failed(reason, detail: self["detail"]) }
        return .source(source)
    }

    fileprivate func runJob(upstreams: [String: Source]) throws -> RunJob {
        let hasSource: Int64? = self["source"]
        let plan = try RecordedPlan(
            job: job(), source: hasSource.map { _ in source }, upstreams: upstreams, key: self["key"],
            conditional: self["conditional"], action: word("action"),
            reason: DecisionReason(word("decision"), self["decision_detail"]),
            redUpstreams: JSON.value(self["red_upstreams"], or: []), fallback: JSON.value(self["fallback"], or: [:]),
            recipe: self["recipe"], environment: self["environment"])
        return try RunJob(
            planned: plan, flaky: self["flaky"], outcome: outcome(), verdict: word("verdict"),
            expectedIssue: self["expected_issue"])
    }
}
