// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import GRDB

extension Database {
    /// Puts down the surface of a tree, unless that is known or no prefix of the attempt's build holds the tree.
    func insert(_ installed: InstalledSurface, attempt: Int64) throws {
        let isStored = """
            SELECT 1 FROM attempts a JOIN prefixes p ON p.build = a.build
            WHERE a.seq = ? AND p.tree = ? AND p.removed_at IS NULL
            """
        guard try row(isStored, [attempt, installed.tree]) != nil,
            try row("SELECT 1 FROM surfaces WHERE tree = ? LIMIT 1", [installed.tree]) == nil
        else { return }
        for kind in Surface.Kind.allCases {
            // An empty part says that the tree was read, and has nothing of this kind.
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
