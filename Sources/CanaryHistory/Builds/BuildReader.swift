// SPDX-License-Identifier: Apache-2.0

import CanaryModel
package import Foundation
import GRDB

/// Reads builds, attempts, prefixes and surfaces.
package struct BuildReader: Sendable {
    let access: ReadAccess

    /// The attempt `id`; nil when there is none.
    package func attempt(_ id: String) async throws(HistoryError) -> AttemptRecord? {
        try await access.read { connection in try connection.attempts(where: "a.id = ?", [id]).first }
    }

    /// The attempts whose end is not recorded, in the order they began.
    package func runningAttempts() async throws(HistoryError) -> [AttemptRecord] {
        try await access.read { connection in try connection.attempts(where: "a.state IN ('queued', 'running')") }
    }

    /// The build whose key begins with `prefix`, which has 6 digits or more; nil when there is none.
    ///
    /// - Throws: `ambiguous` when several do.
    package func build(_ prefix: String) async throws(HistoryError) -> BuildHistory? {
        try await access.read { connection in
            guard let key = try connection.key(beginning: prefix) else { return nil }
            return try BuildHistory(
                build: connection.build(key),
                attempts: connection.attempts(where: "a.build = (SELECT id FROM builds WHERE key = ?)", [key]),
                prefix: connection.storedPrefix(of: key), lastTree: connection.lastTree(of: key),
                uses: connection.uses(of: key))
        }
    }

    /// The attempts on the builds with these `keys`, in the order they began.
    package func attempts(on keys: Set<String>) async throws(HistoryError) -> [AttemptRecord] {
        try await access.read { connection in
            try connection.attempts(
                where: "a.build IN (SELECT k.id FROM json_each(?) e JOIN builds k ON k.key = e.value)",
                [JSON.text(keys.sorted())])
        }
    }

    /// Hours that attempts took since `start`; those that are running count up to `now`.
    package func buildHours(
        since start: Date, now: Date, ofSearches: Bool
    ) async throws(HistoryError) -> Double {
        let sql = """
            SELECT coalesce(sum(coalesce(a.finished_at, ?1) - max(a.started_at, ?2)), 0)
            FROM attempts a JOIN runs r ON r.seq = a.run
            WHERE coalesce(a.finished_at, ?1) > ?2 AND a.seq > (SELECT coalesce(max(seq), 0) - 20000 FROM attempts)
                AND (r.trigger = 'probe') = ?3
            """
        return try await access.read { connection in
            let sum = try Double.fetchOne(
                connection.cachedStatement(sql: sql), arguments: [now.milliseconds, start.milliseconds, ofSearches])
            return max(0, sum ?? 0) / 3_600_000
        }
    }
}

extension Database {
    /// The whole key that begins with `prefix`; nil if there is none.
    func key(beginning prefix: String) throws -> String? {
        let last = prefix + "\u{10FFFF}"
        let sql = "SELECT key FROM builds WHERE key = ? OR (length(?) >= 6 AND key > ? AND key < ?) LIMIT 3"
        let keys = try String.fetchAll(cachedStatement(sql: sql), arguments: [prefix, prefix, prefix, last])
        if keys.contains(prefix) { return prefix }
        guard keys.count < 2 else {
            throw HistoryError(
                .ambiguous, "the keys of several builds begin with `\(prefix)`", hint: "give more digits")
        }
        return keys.first
    }

    fileprivate func build(_ key: String) throws -> BuildRecord {
        let sql = """
            SELECT b.*, s.revision, s.tree, s.committed_at FROM builds b JOIN sources s ON s.id = b.source
            WHERE b.key = ?
            """
        guard let row = try row(sql, [key]) else { throw HistoryError.notRecorded("build", key) }
        let upstreams = try rows(
            """
            SELECT u.project, b.key, u.direct FROM build_upstreams u JOIN builds b ON b.id = u.upstream
            WHERE u.build = ? ORDER BY u.n
            """, [row["id"] as Int64])
        return BuildRecord(
            key: key, project: row["project"], source: row.source, recipe: row["recipe"],
            environment: row["environment"], variant: row["variant"],
            upstreams: upstreams.map { UpstreamBuild(project: $0["project"], key: $0["key"], direct: $0["direct"]) },
            partial: row["partial"], format: row["format"])
    }

    fileprivate func uses(of key: String) throws -> [BuildHistory.Use] {
        // SQLite takes the columns outside an aggregate from the row with the maximum.
        let sql = """
            SELECT j.project, j.variant, j.lane, max(j.run_at) AS run_at, r.id AS run_id
            FROM run_jobs j JOIN runs r ON r.seq = j.run WHERE j.key = ? GROUP BY j.project, j.variant, j.lane
            """
        return try rows(sql, [key])
            .map { try BuildHistory.Use(job: $0.job(), run: $0["run_id"], at: $0.date("run_at")) }
            .sorted { $0.job < $1.job }
    }

    /// The attempts that satisfy `condition` on `a`, in the order they began.
    func attempts(where condition: String, _ arguments: StatementArguments = []) throws -> [AttemptRecord] {
        let sql = """
            SELECT a.*, r.id AS run_id, b.key
            FROM attempts a JOIN runs r ON r.seq = a.run JOIN builds b ON b.id = a.build
            WHERE \(condition) ORDER BY a.seq
            """
        let rows = try rows(sql, arguments)
        let stages = try stages(of: rows.map { $0["seq"] })
        return try rows.map { row in try row.attempt(stages: stages[row["seq"]] ?? []) }
    }

    private func stages(of attempts: [Int64]) throws -> [Int64: [StageRun]] {
        let sql = "SELECT s.* FROM json_each(?) e JOIN stages s ON s.attempt = e.value ORDER BY s.attempt, s.n"
        var stages: [Int64: [StageRun]] = [:]
        for row in try rows(sql, [JSON.list(attempts)]) { try stages[row["attempt"], default: []].append(row.stage()) }
        return stages
    }
}

extension Row {
    fileprivate func stage() throws -> StageRun {
        let code: Int? = self["exit_code"]
        let signal: Int? = self["exit_signal"]
        return try StageRun(
            stage: word("stage"), startedAt: date("started_at"), endedAt: date("ended_at"),
            exit: code.map(ExitStatus.code) ?? signal.map(ExitStatus.signal), logOffset: self["log_offset"])
    }

    fileprivate func attempt(stages: [StageRun]) throws -> AttemptRecord {
        let start = try AttemptStart(
            id: self["id"], purpose: word("purpose"), startedAt: date("started_at"), driver: driver())
        return try AttemptRecord(
            start: start, run: self["run_id"], key: self["key"], project: self["project"], variant: self["variant"],
            state: word("state"), finishedAt: optionalDate("finished_at"), outcome: outcome(), detail: self["detail"],
            consumption: (self["consumed"] as String?).map { try JSON.value($0) },
            stages: stages, logBytes: self["log_bytes"], unreproducible: self["unreproducible"])
    }
}
