// SPDX-License-Identifier: Apache-2.0

import CanaryBisection
package import CanaryModel
import GRDB

/// Reads searches and their probes.
package struct SearchReader: Sendable {
    let access: ReadAccess

    /// The search with this id; nil when there is none.
    package func search(_ id: String) async throws(HistoryError) -> SearchRecord? {
        try await access.read { try $0.searches(where: "s.id = ?", [id]).first }
    }

    /// The latest search for this question; nil if there is none.
    package func search(asking question: String) async throws(HistoryError) -> SearchRecord? {
        try await access.read { connection in
            try connection.searches(
                where: "s.seq = (SELECT max(seq) FROM searches WHERE question = ?)", [question]
            ).first
        }
    }

    /// All searches for this question, oldest first.
    package func searches(asking question: String) async throws(HistoryError) -> [SearchRecord] {
        try await access.read { try $0.searches(where: "s.question = ?", [question]) }
    }

    /// The searches that continued this one, oldest first: for each question the latest.
    package func searches(within id: String) async throws(HistoryError) -> [SearchRecord] {
        try await access.read { connection in
            try connection.searches(
                where: """
                    s.within = (SELECT seq FROM searches WHERE id = ?)
                    AND s.seq = (SELECT max(o.seq) FROM searches o WHERE o.question = s.question)
                    """, [id])
        }
    }

    /// The searches about `job`, newest first.
    package func searches(about job: JobID, limit: Int = 10) async throws(HistoryError) -> [SearchRecord] {
        try await access.read { connection in
            try connection.searches(
                where: """
                    s.seq IN (SELECT seq FROM searches WHERE project = ? AND variant = ? AND lane = ? AND within IS NULL
                        ORDER BY seq DESC LIMIT \(limit))
                    """, StatementArguments(job.columns)
            ).reversed()
        }
    }
}

extension Database {
    fileprivate func searches(where condition: String, _ arguments: StatementArguments) throws -> [SearchRecord] {
        let sql = """
            SELECT s.*, w.id AS within_id FROM searches s LEFT JOIN searches w ON w.seq = s.within
            WHERE \(condition) ORDER BY s.seq
            """
        return try rows(sql, arguments).map { row in
            let project: String? = row["project"]
            let start = try SearchStart(
                id: row["id"], kind: row.word("kind"), question: row["question"],
                job: project.map { _ in try row.job() }, within: row["within_id"],
                subject: JSON.value(row["subject"]), beganAt: row.date("began_at"))
            return try SearchRecord(
                start: start, settings: JSON.value(row["settings"]), endedAt: row.optionalDate("ended_at"),
                probes: probes(of: row["seq"]))
        }
    }

    private func probes(of search: Int64) throws -> [ProbeRecord] {
        let sql = """
            SELECT p.*, a.id AS attempt_id FROM probes p LEFT JOIN attempts a ON a.seq = p.attempt
            WHERE p.search = ? ORDER BY p.n
            """
        return try rows(sql, [search]).map { row in
            let probe = try Probe(
                n: row["n"], phase: row.word("phase"), point: ProbePoint(prefix: row["prefix"], ahead: row["ahead"]),
                answer: row.word("answer"), reused: row["reused"])
            return ProbeRecord(
                probe: probe, beganAt: row.date("began_at"), seconds: row["seconds"], exitCode: row["exit_code"],
                attempt: row["attempt_id"])
        }
    }
}
