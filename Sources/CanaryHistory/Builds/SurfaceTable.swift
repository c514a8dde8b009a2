// SPDX-License-Identifier: Apache-2.0

package import CanaryModel
import GRDB

extension BuildReader {
    /// What the installed tree with this hash offers; nil when that was not recorded.
    ///
    /// It stays in history as long as garbage collection needs it, and at least as long as the prefix exists.
    package func surface(of tree: String) async throws(HistoryError) -> Surface? {
        try await access.read { connection in
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

    /// Records the surface of a tree, unless it is known or no prefix of the attempt's build holds the tree.
    func insert(_ installed: InstalledSurface, attempt: Int64) throws {
        let isStored = """
            SELECT 1 FROM attempts a JOIN prefixes p ON p.build = a.build
            WHERE a.seq = ? AND p.tree = ? AND p.removed_at IS NULL
            """
        guard try row(isStored, [attempt, installed.tree]) != nil,
            try row("SELECT 1 FROM surfaces WHERE tree = ? LIMIT 1", [installed.tree]) == nil
        else { return }
        for kind in Surface.Kind.allCases {
            // An empty part means that the tree was inspected and has nothing of this kind.
            let part = installed.surface.parts[kind] ?? Surface.Part([:])
            try perform(
                "INSERT INTO surfaces (tree, kind, part, complete) VALUES (?, ?, ?, ?)",
                [installed.tree, kind.rawValue, number(of: part), part.isComplete])
        }
    }

    private func number(of part: Surface.Part) throws -> Int64 {
        let forms = try JSON.text(part.forms)
        var hasher = FieldHasher()
        hasher.add(forms)
        let digest = hasher.finish()
        let known = try cachedStatement(sql: "SELECT id FROM surface_parts WHERE digest = ?")
        if let number = try Int64.fetchOne(known, arguments: [digest]) { return number }
        try perform("INSERT INTO surface_parts (digest, forms) VALUES (?, ?)", [digest, forms])
        return lastInsertedRowID
    }
}
