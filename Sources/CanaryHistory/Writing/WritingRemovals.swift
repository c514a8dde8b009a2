// SPDX-License-Identifier: Apache-2.0

package import Foundation
import GRDB

extension History {
    /// Puts down that the prefixes of these builds are gone, collected or lost.
    ///
    /// Keys without one are passed over. On the disk when this returns, so that what is then removed is not believed to
    /// be there after a crash of the machine either.
    package func forgetPrefixes(_ keys: [String]) async throws(HistoryError) {
        let now = clock().milliseconds
        try await write(durably: true) { connection in
            for key in keys {
                try connection.perform(
                    """
                    UPDATE prefixes SET removed_at = max(created_at, ?)
                    WHERE removed_at IS NULL AND build = (SELECT id FROM builds WHERE key = ?)
                    """, [now, key])
            }
        }
    }

    /// Puts down that the logs of these attempts are gone; on the disk when this returns.
    ///
    /// Attempts that history does not know, and those whose log was gone before, are passed over.
    package func forgetLogs(_ attempts: [String]) async throws(HistoryError) {
        let now = clock().milliseconds
        try await write(durably: true) { connection in
            for attempt in attempts {
                try connection.perform(
                    """
                    INSERT OR IGNORE INTO removed_logs (attempt, removed_at)
                    SELECT seq, ? FROM attempts WHERE id = ? AND state IN ('finished', 'interrupted')
                    """, [now, attempt])
            }
        }
    }

    /// Gives back the room of the write-ahead log; somebody who reads meanwhile may keep it from that.
    package func compact() async {
        await withCheckedContinuation { continuation in
            database.asyncWriteWithoutTransaction { connection in
                _ = try? connection.checkpoint(.truncate)
                continuation.resume()
            }
        }
    }

    /// When the log of `attempt` was removed; nil when it was not.
    package func logRemoval(of attempt: String) async throws(HistoryError) -> Date? {
        try await read { connection in
            let sql = "SELECT l.removed_at FROM attempts a JOIN removed_logs l ON l.attempt = a.seq WHERE a.id = ?"
            return try connection.row(sql, [attempt])?.date("removed_at")
        }
    }

    /// Those of `attempts` whose logs were removed.
    package func withoutLog(_ attempts: [String]) async throws(HistoryError) -> Set<String> {
        try await read { connection in
            let sql = """
                SELECT a.id FROM json_each(?) e JOIN attempts a ON a.id = e.value
                JOIN removed_logs l ON l.attempt = a.seq
                """
            return try String.fetchSet(
                connection.cachedStatement(sql: sql), arguments: [JSON.text(attempts)])
        }
    }
}
