// SPDX-License-Identifier: Apache-2.0

import GRDB
import Synchronization

/// Detects that any process has changed a history, at the cost of reading shared memory.
package final class HistoryWatch: Sendable {
    private let database: any DatabaseReader
    private let isMemory: Bool

    /// Watches `history`; one in memory is watched by its time of last change.
    package init(_ history: HistoryReader) throws(HistoryError) {
        isMemory = history.access.path == ":memory:"
        // A connection of its own: SQLite counts the commits of all others.
        database = isMemory ? history.access.database : try DatabaseConnection.openForReading(history.access.path)
    }

    /// A number that differs from that of the last call if anything was committed since.
    ///
    /// Blocks for microseconds (https://sqlite.org/pragma.html#pragma_data_version).
    package func version() throws(HistoryError) -> Int64 {
        let sql = isMemory ? "SELECT coalesce(changed_at, -1) FROM house" : "PRAGMA data_version"
        do {
            return try database.unsafeRead { connection in
                try Int64.fetchOne(connection.cachedStatement(sql: sql)) ?? 0
            }
        } catch { throw HistoryError(error, at: ":watch:") }
    }
}
