// SPDX-License-Identifier: Apache-2.0

package import CanaryModel
import Foundation
import GRDB

extension History {
    /// Where every job stands that history ever saw.
    package func standings() async throws(HistoryError) -> [JobID: Standing] {
        try await read { connection in
            let rows = try connection.rows(
                """
                SELECT s.*, e.id AS episode_id FROM standings s LEFT JOIN episodes e ON e.seq = s.episode
                """)
            return try Dictionary(uniqueKeysWithValues: rows.map { try ($0.job(), $0.standing()) })
        }
    }

    /// Every job that history ever saw, with what a status shows of it.
    package func overview() async throws(HistoryError) -> [JobID: JobOverview] {
        try await read { connection in
            let rows = try connection.rows(JobQueries.overview)
            let numbers = Set(rows.flatMap { [$0["good"] as Int64?, $0["bad"] as Int64?].compactMap(\.self) })
            let builds = try connection.jobBuilds(numbers).mapValues(\.build)
            let judge = try connection.keptJudge()
            return try Dictionary(
                uniqueKeysWithValues: rows.map { row in
                    let job = try row.job()
                    var overview = try connection.overview(row, builds: builds)
                    if let memory = judge.memories[job] { overview.memory = memory }
                    overview.silentSince = judge.silent[job]
                    return (job, overview)
                })
        }
    }

    /// The newest judged pass of `job` that was not flaky.
    package func lastKnownGood(of job: JobID) async throws(HistoryError) -> JobBuild? {
        try await knowledge(of: [job]).lastKnownGood[job]
    }

    /// What happened to `job`, newest run first.
    package func history(of job: JobID, limit: Int) async throws(HistoryError) -> [JobHistoryEntry] {
        try await read { connection in try connection.entries(of: job, limit: limit) }
    }

    /// The episode `id`.
    ///
    /// - Throws: `notRecorded` when there is none.
    package func episode(_ id: String) async throws(HistoryError) -> EpisodeRecord {
        try await read { connection in
            try connection.episode(connection.number(of: id, in: .episodes))
        }
    }
}

extension Database {
    /// What happened to `job`, newest run first.
    func entries(of job: JobID, limit: Int) throws -> [JobHistoryEntry] {
        try rows(JobQueries.history, StatementArguments(job.columns + [limit])).map { try $0.entry() }
    }

    fileprivate func overview(_ row: Row, builds: [Int64: JobBuild]) throws -> JobOverview {
        let good: Int64? = row["good"]
        let bad: Int64? = row["bad"]
        let episode: Int64? = row["episode"]
        return try JobOverview(
            standing: row.standing(), lastResult: row.optionalWord("result"), lastRunAt: row.optionalDate("run_at"),
            expectedIssue: row["expected_issue"],
            lastKnownGood: good.flatMap { builds[$0] }, firstKnownBad: bad.flatMap { builds[$0] },
            episode: episode.map { try self.episode($0) })
    }

    fileprivate func episode(_ number: Int64) throws -> EpisodeRecord {
        let sql = """
            SELECT e.*, r.id AS run_id, j.error_text, j.error_file, j.error_line
            FROM episodes e JOIN runs r ON r.seq = e.opened_by
            LEFT JOIN run_jobs j ON j.run = e.opened_by AND j.project = e.project AND j.variant = e.variant
                AND j.lane = e.lane
            WHERE e.seq = ?
            """
        guard let row = try row(sql, [number]) else { throw HistoryError.notRecorded("episode", "\(number)") }
        return try EpisodeRecord(
            id: row["id"], job: row.job(), openedAt: row.date("opened_at"), openedBy: row["run_id"],
            closedAt: row.optionalDate("closed_at"), firstError: row.firstError(),
            transitions: transitions(where: "t.episode = ?", number))
    }

    /// The transitions of one run or one episode, in the order they were recorded.
    func transitions(where condition: String, _ number: Int64) throws -> [Transition] {
        let sql = """
            SELECT t.*, r.id AS run_id, e.id AS episode_id
            FROM transitions t JOIN runs r ON r.seq = t.run LEFT JOIN episodes e ON e.seq = t.episode
            WHERE \(condition) ORDER BY t.id
            """
        return try rows(sql, [number]).map { row in
            try Transition(
                run: row["run_id"], job: row.job(), from: row.word("from_verdict"), to: row.word("to_verdict"),
                at: row.date("at"), episode: row["episode_id"])
        }
    }
}

extension Row {
    fileprivate func standing() throws -> Standing {
        try Standing(verdict: word("verdict"), since: optionalDate("since"), episode: self["episode_id"])
    }

    fileprivate func entry() throws -> JobHistoryEntry {
        try JobHistoryEntry(
            run: self["run_id"], at: date("run_at"), judged: self["judged"], action: word("action"),
            reason: DecisionReason(word("decision"), self["decision_detail"]), result: optionalWord("result"),
            flaky: self["flaky"], revision: self["revision"], key: self["key"], verdict: word("verdict"))
    }
}
