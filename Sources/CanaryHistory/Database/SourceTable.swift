// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import GRDB

/// Each source is stored once and referred to by number: a run of a thousand jobs repeats the same few.
extension Database {
    /// The number of `source` of `project`, which is recorded if it is new.
    func number(of source: Source, project: String) throws -> Int64 {
        let columns: StatementArguments = [project, source.revision, source.tree, source.committedAt.milliseconds]
        let sql = "SELECT id FROM sources WHERE project = ? AND revision = ? AND tree = ? AND committed_at = ?"
        if let number = try Int64.fetchOne(cachedStatement(sql: sql), arguments: columns) { return number }
        try perform("INSERT INTO sources (project, revision, tree, committed_at) VALUES (?, ?, ?, ?)", columns)
        return lastInsertedRowID
    }

    /// The sources with these numbers.
    func sources(_ numbers: Set<Int64>) throws -> [Int64: (project: String, source: Source)] {
        // `CROSS JOIN` keeps SQLite from reading all sources first.
        let rows = try rows(
            "SELECT s.* FROM json_each(?) e CROSS JOIN sources s ON s.id = e.value", [JSON.list(numbers)])
        return Dictionary(uniqueKeysWithValues: rows.map { ($0["id"], ($0["project"], $0.source)) })
    }
}

/// Numbers of sources within one transaction, each looked up once: the jobs of a run share nearly all of them.
struct SourceNumbers {
    private var known: [String: [Source: Int64]] = [:]

    /// As `Database.number(of:project:)`.
    mutating func number(of source: Source, project: String, in connection: Database) throws -> Int64 {
        if let number = known[project]?[source] { return number }
        let number = try connection.number(of: source, project: project)
        known[project, default: [:]][source] = number
        return number
    }
}

extension Row {
    /// The source of a row of `sources`.
    var source: Source {
        Source(revision: self["revision"], tree: self["tree"], committedAt: date("committed_at"))
    }
}
