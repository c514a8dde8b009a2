// SPDX-License-Identifier: Apache-2.0

package import CanaryJudge
package import CanaryModel
package import Foundation
import GRDB

/// Reads how notices were delivered.
package struct NoticeReader: Sendable {
    let access: ReadAccess

    /// The thread of the newest notice with this number; nil if nobody was to be notified.
    package func thread(ofNotice number: Int) async throws(HistoryError) -> String? {
        try await access.read { connection in
            let sql = "SELECT thread FROM notices WHERE number = ? AND thread IS NOT NULL ORDER BY id DESC LIMIT 1"
            return try connection.row(sql, [number])?["thread"]
        }
    }

    /// The batches that still wait after at least `attempts` failed tries, and those given up since `date`.
    package func stuckBatches(attempts: Int, givenUpSince date: Date) async throws(HistoryError) -> [NoticeBatch] {
        try await access.read { connection in
            try connection.batches(OutboxQueries.stuck, [attempts, date.milliseconds], at: date)
        }
    }

    /// The entries about `job` since `date` with the state of their delivery, oldest first.
    package func deliveries(about job: JobID, since date: Date) async throws(HistoryError) -> [OutboxEntry] {
        try await access.read { connection in
            let rows = try connection.rows(OutboxQueries.deliveries, [date.milliseconds])
            return try rows.compactMap { row in
                let notice: Notice = try JSON.value(row["payload"])
                guard notice.jobs.contains(job) || notice.held.contains(job) else { return nil }
                return try OutboxEntry(
                    receiver: row["receiver"], notice: notice, at: row.date("at"), state: row.word("state"),
                    lastError: row["trouble"])
            }
        }
    }
}

extension Outbox {
    /// The receivers for which notices wait, due or not, sorted.
    package func awaitedReceivers() async throws(HistoryError) -> [String] {
        try await access.reading.read { connection in
            try String.fetchAll(
                connection,
                sql: """
                    SELECT receiver FROM notices WHERE letter IS NULL
                    UNION SELECT receiver FROM letters WHERE state = 'waiting' ORDER BY 1
                    """)
        }
    }

    /// What waits for `receiver` at `date`.
    ///
    /// If the clock was set back, what was tried or created later than `date` is due.
    package func queue(of receiver: String, at date: Date) async throws(HistoryError) -> ReceiverQueue {
        try await access.reading.read { connection in
            let now = date.milliseconds
            let due = try connection.rows(OutboxQueries.due, [receiver, now])
            let next = try connection.row(OutboxQueries.nextDue, [receiver, now])
            let hour = try connection.row(OutboxQueries.batchesBetween, [receiver, now - 3_600_000, now])
            return try ReceiverQueue(
                batches: connection.batches(OutboxQueries.waiting, [receiver], at: date),
                entries: due.map { row in
                    try OutboxEntry(receiver: receiver, notice: JSON.value(row["payload"]), at: row.date("due_at"))
                },
                batchesInLastHour: hour?["n"] ?? 0, nextDue: next?.optionalDate("due_at"))
        }
    }

    /// The receiver's own name for the newest batch about `thread` that it took; nil if there is none.
    package func remote(of thread: String, at receiver: String) async throws(HistoryError) -> String? {
        try await access.reading.read { connection in
            try connection.row(OutboxQueries.remote, [thread, receiver])?["remote"]
        }
    }
}

extension Database {
    fileprivate func batches(_ sql: String, _ arguments: StatementArguments, at now: Date) throws -> [NoticeBatch] {
        try rows(sql, arguments).map { row in
            let notices = try rows(OutboxQueries.content, [row["id"] as Int64]).map { content in
                try JSON.value(content["payload"]) as Notice
            }
            return try NoticeBatch(
                receiver: row["receiver"], key: row["key"], notices: notices, createdAt: row.date("created_at"),
                dueAt: row.date("tried_at") > now ? now : row.date("due_at"), attempts: row["attempts"],
                state: row.word("state"), lastError: row["trouble"])
        }
    }
}

private enum OutboxQueries {
    /// The entries that are due; one that was due at once is due even if the clock was set back since.
    static let due = """
        SELECT payload, due_at FROM notices
        WHERE receiver = ?1 AND letter IS NULL AND (due_at <= ?2 OR due_at = created_at) ORDER BY id
        """

    static let nextDue = """
        SELECT min(due_at) AS due_at FROM notices
        WHERE receiver = ?1 AND letter IS NULL AND due_at > ?2 AND due_at <> created_at
        """

    static let batchesBetween = """
        SELECT count(*) AS n FROM letters WHERE receiver = ? AND created_at > ? AND created_at <= ?
        """

    static let waiting = "SELECT * FROM letters WHERE receiver = ? AND state = 'waiting' ORDER BY id"

    static let content = "SELECT payload FROM notices WHERE letter = ? ORDER BY id"

    static let remote = """
        SELECT l.remote FROM notices n JOIN letters l ON l.id = n.letter
        WHERE n.thread = ? AND n.receiver = ? AND l.remote IS NOT NULL ORDER BY n.id DESC LIMIT 1
        """

    static let stuck = """
        SELECT * FROM letters
        WHERE (state = 'waiting' AND attempts >= ?1 AND trouble IS NOT NULL) OR (state = 'givenUp' AND ended_at >= ?2)
        ORDER BY id
        """

    static let deliveries = """
        SELECT n.receiver, n.payload, coalesce(l.state, 'waiting') AS state,
            coalesce(l.ended_at, l.due_at, n.due_at) AS at, l.trouble
        FROM notices n LEFT JOIN letters l ON l.id = n.letter WHERE n.created_at >= ? ORDER BY n.id
        """
}
