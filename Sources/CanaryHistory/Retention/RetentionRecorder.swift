// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB

/// Records what was removed from a state folder.
package struct RetentionRecorder: Sendable {
    let access: WriteAccess

    /// Records that the prefixes of these builds are gone, removed or lost.
    ///
    /// Keys without one are ignored. On the disk when this returns, so that what is removed next is not believed to
    /// be there after a crash of the machine either.
    package func forgetPrefixes(_ keys: [String]) async throws(HistoryError) {
        let now = access.clock().milliseconds
        try await access.write(durably: true) { connection in
            for key in keys {
                try connection.perform(
                    """
                    UPDATE prefixes SET removed_at = max(created_at, ?)
                    WHERE removed_at IS NULL AND build = (SELECT id FROM builds WHERE key = ?)
                    """, [now, key])
            }
        }
    }

    /// Records that the logs of these attempts are gone; on the disk when this returns.
    ///
    /// Attempts that history does not know, and those whose log was gone before, are ignored.
    package func forgetLogs(_ attempts: [String]) async throws(HistoryError) {
        let now = access.clock().milliseconds
        try await access.write(durably: true) { connection in
            for attempt in attempts {
                try connection.perform(
                    """
                    INSERT OR IGNORE INTO removed_logs (attempt, removed_at)
                    SELECT seq, ? FROM attempts WHERE id = ? AND state IN ('finished', 'interrupted')
                    """, [now, attempt])
            }
        }
    }

    /// Frees the space of the write-ahead log, unless a reader prevents it.
    package func compact() async {
        await withCheckedContinuation { continuation in
            access.database.asyncWriteWithoutTransaction { connection in
                _ = try? connection.checkpoint(.truncate)
                continuation.resume()
            }
        }
    }
}
