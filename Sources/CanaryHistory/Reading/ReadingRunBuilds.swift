// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import GRDB

extension History {
    /// The builds that `run` executed, in the order they began.
    package func builds(of run: String) async throws(HistoryError) -> [BuildRecord] {
        let keys = try await read { connection in
            let sql = """
                SELECT b.key FROM attempts a JOIN runs r ON r.seq = a.run JOIN builds b ON b.id = a.build
                WHERE r.id = ? GROUP BY b.id ORDER BY min(a.seq)
                """
            return try String.fetchAll(connection, sql: sql, arguments: [run])
        }
        var builds: [BuildRecord] = []
        for key in keys { if let found = try await build(key) { builds.append(found.build) } }
        return builds
    }

    /// The prefix stored under `key`; nil when there is none.
    package func storedPrefix(of key: String) async throws(HistoryError) -> StoredPrefix? {
        try await read { connection in try connection.storedPrefix(of: key) }
    }

    /// The keys of all stored prefixes.
    package func storedPrefixes() async throws(HistoryError) -> Set<String> {
        try await read { connection in
            // `CROSS JOIN` keeps SQLite from reading all builds first.
            let sql = "SELECT b.key FROM prefixes p CROSS JOIN builds b ON b.id = p.build WHERE p.removed_at IS NULL"
            return try String.fetchSet(connection, sql: sql)
        }
    }
}
