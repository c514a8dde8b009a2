// SPDX-License-Identifier: Apache-2.0

package import CanaryJudge
import CanaryModel
package import Foundation
import GRDB

/// The notices to send: adds them, batches them, and records the delivery of each batch.
package struct Outbox: Sendable {
    let access: WriteAccess

    /// Puts `entries` into the outbox; on the disk when this returns.
    ///
    /// An entry whose receiver and key are already in the outbox is ignored.
    package func put(_ entries: [OutboxEntry]) async throws(HistoryError) {
        guard !entries.isEmpty else { return }
        let now = access.clock()
        try await access.write(durably: true) { connection in try connection.put(entries, at: now) }
    }

    /// Puts `entries`, all for one receiver, into a batch whose key and content are fixed from then on; on the disk when
    /// this returns.
    ///
    /// - Throws: `contradiction` if there are no entries, or if one of them is already in a batch.
    package func batch(_ entries: [OutboxEntry], at date: Date) async throws(HistoryError) -> NoticeBatch {
        guard let batch = NoticeBatch(entries, at: date) else {
            throw HistoryError(.contradiction, "a batch without a notice")
        }
        let time = date.milliseconds
        return try await access.write(durably: true) { connection in
            try connection.perform(
                """
                INSERT INTO letters (receiver, key, state, created_at, tried_at, due_at, attempts)
                VALUES (?, ?, 'waiting', ?, ?, ?, 0)
                """, [batch.receiver, batch.key, time, time, time])
            let id = connection.lastInsertedRowID
            for notice in batch.notices {
                try connection.perform(
                    "UPDATE notices SET letter = ? WHERE receiver = ? AND key = ?", [id, batch.receiver, notice.key])
            }
            return batch
        }
    }

    /// Records that the receiver took `batch` at `date`.
    ///
    /// - Parameter remote: the receiver's own name for what it made of it; nil if it has none.
    package func noteSent(_ batch: NoticeBatch, at date: Date, remote: String?) async throws(HistoryError) {
        try await access.write { connection in
            try connection.perform(
                """
                UPDATE letters SET state = 'sent', attempts = attempts + 1, tried_at = ?3,
                    ended_at = max(?3, created_at), remote = ?4
                WHERE receiver = ?1 AND key = ?2
                """, [batch.receiver, batch.key, date.milliseconds, remote])
        }
    }

    /// Records that a try at `date` failed with `error`, and that the next one is due at `due`.
    package func postpone(_ batch: NoticeBatch, at date: Date, until due: Date, error: String)
        async throws(HistoryError)
    {
        try await access.write { connection in
            try connection.perform(
                """
                UPDATE letters SET attempts = attempts + 1, tried_at = ?3, due_at = ?4, trouble = ?5
                WHERE receiver = ?1 AND key = ?2
                """, [batch.receiver, batch.key, date.milliseconds, due.milliseconds, error])
        }
    }

    /// Records that a try at `date` failed with `error`, and that it was the last one.
    package func giveUp(_ batch: NoticeBatch, at date: Date, error: String) async throws(HistoryError) {
        try await access.write { connection in
            try connection.perform(
                """
                UPDATE letters SET state = 'givenUp', attempts = attempts + 1, tried_at = ?3,
                    ended_at = max(?3, created_at), trouble = ?4
                WHERE receiver = ?1 AND key = ?2
                """, [batch.receiver, batch.key, date.milliseconds, error])
        }
    }
}

extension Database {
    /// Puts `entries` into the outbox, within the transaction that records what they report.
    func put(_ entries: [OutboxEntry], at now: Date) throws {
        for entry in entries {
            let notice = entry.notice
            try perform(
                """
                INSERT INTO notices (receiver, key, kind, number, thread, payload, created_at, due_at)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, max(?7, ?8)) ON CONFLICT (receiver, key) DO NOTHING
                """,
                [
                    entry.receiver, notice.key, notice.kind.rawValue, notice.number, notice.thread,
                    JSON.text(notice), now.milliseconds, entry.at.milliseconds,
                ])
        }
    }
}

/// What waits for one receiver at one instant.
package struct ReceiverQueue: Sendable {
    /// The batches that wait for a try, oldest first, due or not.
    package let batches: [NoticeBatch]
    /// The entries that are due and not in a batch, oldest first.
    package let entries: [OutboxEntry]
    /// The number of batches that were put together in the last hour.
    package let batchesInLastHour: Int
    /// When the next entry that is not yet due will be; nil if there is none.
    package let nextDue: Date?
}
