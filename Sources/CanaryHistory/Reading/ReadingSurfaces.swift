// SPDX-License-Identifier: Apache-2.0

package import CanaryModel
import GRDB

extension History {
    /// What the installed tree with this hash offers; nil when that was not recorded.
    ///
    /// It is known as long as history is, whether or not the prefix still exists.
    package func surface(of tree: String) async throws(HistoryError) -> Surface? {
        try await read { connection in
            let sql = """
                SELECT s.kind, s.complete, p.forms FROM surfaces s JOIN surface_parts p ON p.id = s.part
                WHERE s.tree = ?
                """
            let rows = try connection.rows(sql, [tree])
            guard !rows.isEmpty else { return nil }
            let parts = try rows.map { row in
                try (
                    row.word("kind") as Surface.Kind,
                    Surface.Part(JSON.value(row["forms"]), isComplete: row["complete"])
                )
            }
            return Surface(Dictionary(uniqueKeysWithValues: parts))
        }
    }
}

extension Database {
    /// The tree that the build `key` installed last, whether or not it is still stored.
    func lastTree(of key: String) throws -> String? {
        let sql = """
            SELECT p.tree FROM prefixes p JOIN builds b ON b.id = p.build WHERE b.key = ? ORDER BY p.id DESC LIMIT 1
            """
        return try String.fetchOne(cachedStatement(sql: sql), arguments: [key])
    }
}
