// SPDX-License-Identifier: Apache-2.0

package import CanaryJudge
import CanaryModel
package import Foundation
import GRDB

/// The notices to send: adds them, batches them, and records what became of each batch.
package struct Outbox: Sendable {
    let access: WriteAccess

    /// Puts `postings` into the outbox; on the disk when this returns.
    ///
    /// What was put there before for the same receiver under the same key is passed over.
    package func put(_ postings: [Posting]) async throws(HistoryError) {
        guard !postings.isEmpty else { return }
        let now = access.clock()
        try await access.write(durably: true) { connection in try connection.put(postings, at: now) }
    }

    /// Puts notices of the pile into one letter, which keeps its key and content from then on; on the disk when this
    /// returns.
    ///
    /// - Throws: `contradiction` when one of them is in a letter already.
    package func seal(_ pile: [PiledNotice], for receiver: String, at date: Date) async throws(HistoryError)
        -> OutgoingLetter
    {
        guard let letter = Letter(pile.map(\.notice)) else {
            throw HistoryError(.contradiction, "a letter without a notice")
        }
        let time = date.milliseconds
        return try await access.write(durably: true) { connection in
            try connection.perform(
                """
                INSERT INTO letters (receiver, key, state, created_at, tried_at, due_at, attempts)
                VALUES (?, ?, 'waiting', ?, ?, ?, 0)
                """, [receiver, letter.key, time, time, time])
            let id = connection.lastInsertedRowID
            for entry in pile {
                try connection.perform("UPDATE notices SET letter = ? WHERE id = ?", [id, entry.id])
            }
            return OutgoingLetter(id: id, letter: letter, createdAt: date, dueAt: date, attempts: 0)
        }
    }

    /// Puts down that the receiver took a letter, and what it is called there.
    package func noteSent(_ letter: Int64, at date: Date, remote: String?) async throws(HistoryError) {
        try await access.write { connection in
            try connection.perform(
                """
                UPDATE letters SET state = 'sent', attempts = attempts + 1, tried_at = ?2, ended_at = max(?2, created_at),
                    remote = ?3
                WHERE id = ?1
                """, [letter, date.milliseconds, remote])
        }
    }

    /// Puts down that a letter was tried at `date` in vain, why, and when it is tried again.
    package func putOff(_ letter: Int64, at date: Date, until due: Date, trouble: String) async throws(HistoryError) {
        try await access.write { connection in
            try connection.perform(
                """
                UPDATE letters SET attempts = attempts + 1, tried_at = ?2, due_at = ?3, trouble = ?4 WHERE id = ?1
                """, [letter, date.milliseconds, due.milliseconds, trouble])
        }
    }

    /// Puts down that a letter is not tried again, and why.
    package func giveUp(_ letter: Int64, at date: Date, trouble: String) async throws(HistoryError) {
        try await access.write { connection in
            try connection.perform(
                """
                UPDATE letters SET state = 'givenUp', attempts = attempts + 1, tried_at = ?2,
                    ended_at = max(?2, created_at), trouble = ?3
                WHERE id = ?1
                """, [letter, date.milliseconds, trouble])
        }
    }
}

extension Database {
    /// Puts `postings` into the outbox, within the transaction of whoever has something to tell.
    func put(_ postings: [Posting], at now: Date) throws {
        for posting in postings {
            let notice = posting.notice
            try perform(
                """
                INSERT INTO notices (receiver, key, kind, number, thread, payload, created_at, due_at)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, max(?7, ?8)) ON CONFLICT (receiver, key) DO NOTHING
                """,
                [
                    posting.receiver, notice.key, notice.kind.rawValue, notice.number, notice.thread,
                    JSON.text(notice), now.milliseconds, (posting.due ?? now).milliseconds,
                ])
        }
    }
}
