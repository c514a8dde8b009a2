// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import GRDB

extension Database {
    /// The number of `build`, which is recorded if its key is new.
    ///
    /// A known key may come with another revision of the same source tree, for another variant, or on other upstream
    /// builds that installed the same trees: the first record stands. What the key is made from must agree.
    func number(of build: BuildRecord) throws -> Int64 {
        guard
            let row = try row(
                "SELECT b.*, s.tree FROM builds b JOIN sources s ON s.id = b.source WHERE b.key = ?", [build.key])
        else { return try insert(build) }
        let number: Int64 = row["id"]
        try compare(build, with: row)
        if !build.partial {
            try perform("UPDATE builds SET partial = 0 WHERE id = ? AND partial = 1", [number])
        }
        return number
    }

    private func insert(_ build: BuildRecord) throws -> Int64 {
        let source = try number(of: build.source, project: build.project)
        try perform(
            """
            INSERT INTO builds (key, format, project, source, recipe, environment, variant, partial)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                build.key, build.format, build.project, source, build.recipe, build.environment, build.variant,
                build.partial,
            ])
        let number = lastInsertedRowID
        for (index, upstream) in build.upstreams.enumerated() {
            let key = try self.number(of: upstream.key, in: .builds)
            try perform(
                "INSERT INTO build_upstreams (build, n, project, upstream, direct) VALUES (?, ?, ?, ?, ?)",
                [number, index, upstream.project, key, upstream.direct])
        }
        return number
    }

    private func compare(_ build: BuildRecord, with row: Row) throws {
        let upstreams = try String.fetchAll(
            cachedStatement(sql: "SELECT project FROM build_upstreams WHERE build = ? ORDER BY project"),
            arguments: [row["id"] as Int64])
        let given = build.upstreams.map(\.project).sorted()
        let pairs: [(what: String, recorded: String, given: String)] = [
            ("project", row["project"], build.project),
            ("source tree", row["tree"], build.source.tree),
            ("recipe", row["recipe"], build.recipe),
            ("environment", row["environment"], build.environment),
            ("key format", String(row["format"] as Int), String(build.format)),
            ("upstreams", upstreams.joined(separator: ", "), given.joined(separator: ", ")),
        ]
        guard let pair = pairs.first(where: { $0.recorded != $0.given }) else { return }
        throw HistoryError(
            .contradiction,
            "the build `\(build.key)` has the \(pair.what) `\(pair.recorded)`, and now comes with `\(pair.given)`")
    }
}
