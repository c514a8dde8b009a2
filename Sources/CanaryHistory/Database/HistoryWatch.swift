// SPDX-License-Identifier: Apache-2.0

import GRDB
import Synchronization

/// Tells whether a history has changed, whoever changed it, at the price of a look at shared memory.
package final class HistoryWatch: Sendable {
    private let database: any DatabaseReader
    private let isMemory: Bool

    /// Watches `history`; what lies in memory is watched by its time of last change.
    package init(_ history: HistoryReader) throws(HistoryError) {
        isMemory = history.access.path == ":memory:"
        // A connection of its own: SQLite counts the commits of all others.
        database = isMemory ? history.access.database : try DatabaseConnection.openForReading(history.access.path)
    }

    /// A number that is another one whenever something was committed since the last call.
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
