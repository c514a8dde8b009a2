// SPDX-License-Identifier: Apache-2.0

import CanaryJudge
package import CanaryModel
import Foundation
import GRDB

/// Reads what jobs ended with in runs, and their verdicts and episodes.
package struct JobReader: Sendable {
    let access: ReadAccess

    /// Every job in history, with what a status shows.
    package func overview() async throws(HistoryError) -> [JobID: JobOverview] {
        try await access.read { try $0.overview(isOutline: false) }
    }

    /// `overview` at a fraction of its cost: it leaves out what a job without an open episode was built and judged on.
    ///
    /// Such a job has neither `lastKnownGood` nor `firstKnownBad`, and its memory has no `lastGood`.
    package func outline() async throws(HistoryError) -> [JobID: JobOverview] {
        try await access.read { try $0.overview(isOutline: true) }
    }

    /// The newest judged pass of `job` that was not flaky.
    package func lastKnownGood(of job: JobID) async throws(HistoryError) -> JobBuild? {
        try await lastKnownGoods(of: [job])[job]
    }

    /// The newest judged pass that was not flaky, of those of `jobs` that have one.
    package func lastKnownGoods(of jobs: [JobID]) async throws(HistoryError) -> [JobID: JobBuild] {
        guard !jobs.isEmpty else { return [:] }
        return try await access.read { connection in
            let rows = try connection.rows(JobQueries.goods, [JSON.text(jobs.map(\.names))])
            let builds = try connection.jobBuilds(Set(rows.compactMap { $0[0] as Int64? })).values
            return Dictionary(builds.map { ($0.job, $0.build) }, uniquingKeysWith: { first, _ in first })
        }
    }

    /// What the newest judged runs of each of `jobs` ended with, at most `limit` runs each.
    package func strips(of jobs: [JobID], limit: Int) async throws(HistoryError) -> [JobID: JobStrip] {
        try await access.read { connection in
            let rows = try connection.rows(JobQueries.strips, [JSON.text(jobs.map(\.names)), limit])
            var strips: [JobID: JobStrip] = [:]
            // By number: names are looked up again in each row.
            for row in rows {
                guard let ended: String = row[3], let lane = Lane(rawValue: row[2]) else { continue }
                strips[JobID(project: row[0], variant: row[1], lane: lane)] = try JobStrip(ended, detail: row[4])
            }
            return strips
        }
    }

    /// What happened to `job`, newest run first.
    ///
    /// - Parameter judged: whether only judged runs count, not those of searches and of pinned revisions.
    package func history(
        of job: JobID, limit: Int, judged: Bool = false
    ) async throws(HistoryError) -> [JobHistoryEntry] {
        try await access.read { connection in try connection.entries(of: job, limit: limit, judged: judged) }
    }

    /// The episode `id`.
    ///
    /// - Throws: `notRecorded` when there is none.
    package func episode(_ id: String) async throws(HistoryError) -> EpisodeRecord {
        try await access.read { connection in
            try connection.episode(connection.number(of: id, in: .episodes))
        }
    }

    /// What happened to each of `jobs`, newest run first, at most `limit` runs each.
    package func histories(of jobs: [JobID], limit: Int) async throws(HistoryError) -> [JobID: [JobHistoryEntry]] {
        try await access.read { connection in
            var entries: [JobID: [JobHistoryEntry]] = [:]
            for job in jobs { entries[job] = try connection.entries(of: job, limit: limit) }
            return entries
        }
    }

    /// The newest changes of verdict that were news, newest first.
    ///
    /// A job that passes for the first time is not news.
    package func news(limit: Int) async throws(HistoryError) -> [TransitionNews] {
        let sql = """
            SELECT t.*, r.id AS run_id, e.id AS episode_id, e.culprit, j.error_text, j.error_file, j.error_line
            FROM transitions t JOIN runs r ON r.seq = t.run LEFT JOIN episodes e ON e.seq = t.episode
            LEFT JOIN run_jobs j ON j.run = e.opened_by AND j.project = e.project AND j.variant = e.variant
                AND j.lane = e.lane
            WHERE NOT (t.from_verdict = 'unknown' AND t.to_verdict = 'passing')
            ORDER BY t.at DESC, t.id DESC LIMIT ?
            """
        return try await access.read { connection in
            try connection.rows(sql, [limit]).map { row in
                try TransitionNews(transition: row.transition(), firstError: row.firstError(), culprit: row.culprit())
            }
        }
    }
}

extension Database {
    /// What happened to `job`, newest run first.
    func entries(of job: JobID, limit: Int, judged: Bool = false) throws -> [JobHistoryEntry] {
        try rows(JobQueries.history, StatementArguments(job.columns + [judged, limit])).map { try $0.entry() }
    }

    fileprivate func overview(isOutline: Bool) throws -> [JobID: JobOverview] {
        let rows = try rows(JobQueries.overview)
        let built = isOutline ? rows.filter { $0["episode"] as Int64? != nil } : rows
        let numbers = Set(built.flatMap { [$0["good"] as Int64?, $0["bad"] as Int64?].compactMap(\.self) })
        let builds = try jobBuilds(numbers).mapValues(\.build)
        let judge = try judgeState(ofJobs: isOutline ? JobQueries.outlines : JobQueries.memories)
        return try Dictionary(
            uniqueKeysWithValues: rows.map { row in
                let job = try row.job()
                var overview = try overview(row, builds: builds)
                overview.memory = judge.states[job] ?? JobJudgeState()
                overview.silentSince = judge.silent[job]
                return (job, overview)
            })
    }

    fileprivate func overview(_ row: Row, builds: [Int64: JobBuild]) throws -> JobOverview {
        let good: Int64? = row["good"]
        let bad: Int64? = row["bad"]
        let episode: Int64? = row["episode"]
        return try JobOverview(
            verdict: row.word("verdict"), since: row.optionalDate("since"), lastResult: row.optionalWord("result"),
            lastRunAt: row.optionalDate("run_at"),
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
            closedAt: row.optionalDate("closed_at"), firstError: row.firstError(), culprit: row.culprit(),
            transitions: transitions(where: "t.episode = ?", number))
    }

    /// The transitions of one run or one episode, in the order they were recorded.
    func transitions(where condition: String, _ number: Int64) throws -> [Transition] {
        let sql = """
            SELECT t.*, r.id AS run_id, e.id AS episode_id
            FROM transitions t JOIN runs r ON r.seq = t.run LEFT JOIN episodes e ON e.seq = t.episode
            WHERE \(condition) ORDER BY t.id
            """
        return try rows(sql, [number]).map { try $0.transition() }
    }
}

extension JobStrip {
    /// Reads a row of `JobQueries.strips`.
    fileprivate init(_ ended: String, detail: String?) throws {
        let ends = try ended.split(separator: ",", omittingEmptySubsequences: false).map { word in
            let isFlaky = word.last == "*"
            let name = isFlaky ? word.dropLast() : word
            let result = CanaryModel.Result(rawValue: String(name))
            guard name.isEmpty || result != nil else {
                throw HistoryError(.damaged, "history contains the word `\(name)`, which is not a result")
            }
            return End(result: result, flaky: isFlaky)
        }
        self.init(ends: ends, detail: detail ?? "")
    }
}

extension Row {
    fileprivate func culprit() throws -> EpisodeCulprit? {
        let text: String? = self["culprit"]
        return try text.map { try JSON.value($0) }
    }

    fileprivate func transition() throws -> Transition {
        try Transition(
            run: self["run_id"], job: job(), from: word("from_verdict"), to: word("to_verdict"), at: date("at"),
            episode: self["episode_id"])
    }

    fileprivate func entry() throws -> JobHistoryEntry {
        try JobHistoryEntry(
            run: self["run_id"], at: date("run_at"), judged: self["judged"], action: word("action"),
            reason: DecisionReason(word("decision"), self["decision_detail"]), result: optionalWord("result"),
            flaky: self["flaky"], revision: self["revision"], key: self["key"], verdict: word("verdict"))
    }
}
