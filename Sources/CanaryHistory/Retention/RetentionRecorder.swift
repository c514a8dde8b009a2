// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB

/// Records what was removed from a state folder.
package struct RetentionRecorder: Sendable {
    let access: WriteAccess

    /// Puts down that the prefixes of these builds are gone, collected or lost.
    ///
    /// Keys without one are passed over. On the disk when this returns, so that what is then removed is not believed to
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

    /// Puts down that the logs of these attempts are gone; on the disk when this returns.
    ///
    /// Attempts that history does not know, and those whose log was gone before, are passed over.
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

    /// Gives back the room of the write-ahead log; somebody who reads meanwhile may keep it from that.
    package func compact() async {
        await withCheckedContinuation { continuation in
            access.database.asyncWriteWithoutTransaction { connection in
                _ = try? connection.checkpoint(.truncate)
                continuation.resume()
            }
        }
    }
}
