// SPDX-License-Identifier: Apache-2.0

import CanaryJudge
package import CanaryModel
package import Foundation
import GRDB

/// Reads how notices were delivered.
package struct NoticeReader: Sendable {
    let access: ReadAccess

    /// The thread of the newest notice of this number; nil when nobody was to be told.
    package func thread(ofNotice number: Int) async throws(HistoryError) -> String? {
        try await access.read { connection in
            let sql = "SELECT thread FROM notices WHERE number = ? AND thread IS NOT NULL ORDER BY id DESC LIMIT 1"
            return try connection.row(sql, [number])?["thread"]
        }
    }

    /// The letters that were tried at least `attempts` times and still wait, and those given up since `date`.
    package func stuckLetters(attempts: Int, givenUpSince date: Date) async throws(HistoryError) -> [StuckLetter] {
        try await access.read { connection in
            try connection.rows(OutboxQueries.stuck, [attempts, date.milliseconds]).map { row in
                try StuckLetter(
                    receiver: row["receiver"], state: row.word("state"), notices: row["notices"],
                    createdAt: row.date("created_at"), attempts: row["attempts"], trouble: row["trouble"])
            }
        }
    }

    /// How the notices about `job` since `date` fared, oldest first.
    package func deliveries(about job: JobID, since date: Date) async throws(HistoryError) -> [NoticeDelivery] {
        try await access.read { connection in
            let rows = try connection.rows(OutboxQueries.deliveries, [date.milliseconds])
            return try rows.compactMap { row in
                let notice: Notice = try JSON.value(row["payload"])
                guard notice.jobs.contains(job) || notice.held.contains(job) else { return nil }
                return try NoticeDelivery(
                    receiver: row["receiver"], notice: notice, state: row.optionalWord("state"), at: row.date("at"),
                    trouble: row["trouble"])
            }
        }
    }
}

extension Outbox {
    /// The receivers for which anything waits, due or not, sorted.
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
    /// When the clock went back, what was put off or made at a later time than now is due.
    package func mailbag(of receiver: String, at date: Date) async throws(HistoryError) -> Mailbag {
        try await access.reading.read { connection in
            let now = date.milliseconds
            let pile = try connection.rows(OutboxQueries.pile, [receiver, now])
            let next = try connection.row(OutboxQueries.nextDue, [receiver, now])
            let hour = try connection.row(OutboxQueries.lettersBetween, [receiver, now - 3_600_000, now])
            return try Mailbag(
                letters: connection.waitingLetters(for: receiver, now: date),
                pile: pile.map { row in
                    try PiledNotice(id: row["id"], notice: JSON.value(row["payload"]), dueAt: row.date("due_at"))
                },
                lettersOfTheHour: hour?["n"] ?? 0, nextDue: next?.optionalDate("due_at"))
        }
    }

    /// What the newest letter about `thread` that `receiver` took is called there.
    package func remote(of thread: String, at receiver: String) async throws(HistoryError) -> String? {
        try await access.reading.read { connection in
            try connection.row(OutboxQueries.remote, [thread, receiver])?["remote"]
        }
    }
}

extension Database {
    fileprivate func waitingLetters(for receiver: String, now: Date) throws -> [OutgoingLetter] {
        try rows(OutboxQueries.waiting, [receiver]).map { row in
            let notices = try rows(OutboxQueries.content, [row["id"] as Int64]).map { content in
                try JSON.value(content["payload"]) as Notice
            }
            let isAheadOfUs = row.date("tried_at") > now
            return OutgoingLetter(
                id: row["id"], letter: Letter(key: row["key"], notices: notices), createdAt: row.date("created_at"),
                dueAt: isAheadOfUs ? now : row.date("due_at"), attempts: row["attempts"])
        }
    }
}

/// The questions of those who send.
private enum OutboxQueries {
    /// What is in no letter: due, or due at once by a clock that has gone back since.
    static let pile = """
        SELECT id, payload, due_at FROM notices
        WHERE receiver = ?1 AND letter IS NULL AND (due_at <= ?2 OR due_at = created_at) ORDER BY id
        """

    static let nextDue = """
        SELECT min(due_at) AS due_at FROM notices
        WHERE receiver = ?1 AND letter IS NULL AND due_at > ?2 AND due_at <> created_at
        """

    static let lettersBetween = """
        SELECT count(*) AS n FROM letters WHERE receiver = ? AND created_at > ? AND created_at <= ?
        """

    static let waiting = "SELECT * FROM letters WHERE receiver = ? AND state = 'waiting' ORDER BY id"

    static let content = "SELECT payload FROM notices WHERE letter = ? ORDER BY id"

    static let remote = """
        SELECT l.remote FROM notices n JOIN letters l ON l.id = n.letter
        WHERE n.thread = ? AND n.receiver = ? AND l.remote IS NOT NULL ORDER BY n.id DESC LIMIT 1
        """

    static let stuck = """
        SELECT l.*, (SELECT count(*) FROM notices n WHERE n.letter = l.id) AS notices FROM letters l
        WHERE (l.state = 'waiting' AND l.attempts >= ?1 AND l.trouble IS NOT NULL)
            OR (l.state = 'givenUp' AND l.ended_at >= ?2)
        ORDER BY l.id
        """

    static let deliveries = """
        SELECT n.receiver, n.payload, l.state, coalesce(l.ended_at, l.due_at, n.due_at) AS at, l.trouble
        FROM notices n LEFT JOIN letters l ON l.id = n.letter WHERE n.created_at >= ? ORDER BY n.id
        """
}
