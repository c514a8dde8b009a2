// SPDX-License-Identifier: Apache-2.0

package import Foundation
import GRDB

extension BuildReader {
    /// The builds that `run` executed, in the order they began.
    package func builds(of run: String) async throws(HistoryError) -> [BuildRecord] {
        let keys = try await access.read { connection in
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
        try await access.read { connection in try connection.storedPrefix(of: key) }
    }

    /// The keys of all stored prefixes.
    package func storedPrefixes() async throws(HistoryError) -> Set<String> {
        try await access.read { connection in
            // `CROSS JOIN` keeps SQLite from reading all builds first.
            let sql = "SELECT b.key FROM prefixes p CROSS JOIN builds b ON b.id = p.build WHERE p.removed_at IS NULL"
            return try String.fetchSet(connection, sql: sql)
        }
    }

    /// When the log of `attempt` was removed; nil when it was not.
    package func logRemoval(of attempt: String) async throws(HistoryError) -> Date? {
        try await access.read { connection in
            let sql = "SELECT l.removed_at FROM attempts a JOIN removed_logs l ON l.attempt = a.seq WHERE a.id = ?"
            return try connection.row(sql, [attempt])?.date("removed_at")
        }
    }

    /// Those of `attempts` whose logs were removed.
    package func withoutLog(_ attempts: [String]) async throws(HistoryError) -> Set<String> {
        try await access.read { connection in
            let sql = """
                SELECT a.id FROM json_each(?) e JOIN attempts a ON a.id = e.value
                JOIN removed_logs l ON l.attempt = a.seq
                """
            return try String.fetchSet(
                connection.cachedStatement(sql: sql), arguments: [JSON.text(attempts)])
        }
    }
}

extension Database {
    /// The prefix stored under `key` now.
    func storedPrefix(of key: String) throws -> StoredPrefix? {
        let sql = """
            SELECT p.tree, p.files, p.bytes FROM prefixes p JOIN builds b ON b.id = p.build
            WHERE b.key = ? AND p.removed_at IS NULL
            """
        return try row(sql, [key]).map { StoredPrefix(tree: $0["tree"], files: $0["files"], bytes: $0["bytes"]) }
    }
}
