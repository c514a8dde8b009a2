// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import GRDB

extension Database {
    /// Records the tests that an attempt reported.
    ///
    /// `CROSS JOIN` keeps SQLite from reading all tests of a project for each.
    func insert(_ report: TestReport, attempt: Int64) throws {
        let counts = report.counts
        try perform(
            "INSERT INTO test_reports (attempt, ran, failed, skipped) VALUES (?, ?, ?, ?)",
            [attempt, counts.ran, counts.failed, counts.skipped])
        try perform(
            """
            INSERT OR IGNORE INTO test_names (project, name)
            SELECT a.project, e.value FROM attempts a CROSS JOIN json_each(?) e WHERE a.seq = ?
            """, [JSON.text(report.tests.map(\.name)), attempt])
        let results = report.tests.map { StoredTest(name: $0.name, result: $0.result, taken: $0.milliseconds) }
        try perform(
            """
            INSERT INTO test_results (attempt, test, result, milliseconds)
            SELECT a.seq, n.id, e.value ->> 'result', e.value ->> 'taken'
            FROM attempts a CROSS JOIN json_each(?) e
            CROSS JOIN test_names n ON n.project = a.project AND n.name = e.value ->> 'name' WHERE a.seq = ?
            """, [JSON.text(results), attempt])
    }

    /// The number of the test `name` of `project`; nil when no attempt reported it.
    func number(ofTest name: String, project: String) throws -> Int64? {
        let statement = try cachedStatement(sql: "SELECT id FROM test_names WHERE project = ? AND name = ?")
        return try Int64.fetchOne(statement, arguments: [project, name])
    }

    /// How many tests an attempt reported; nil when it reported none.
    func testCounts(of attempt: Int64) throws -> TestCounts? {
        try row("SELECT * FROM test_reports WHERE attempt = ?", [attempt]).map { row in
            TestCounts(ran: row["ran"], failed: row["failed"], skipped: row["skipped"])
        }
    }

    /// The tests that failed in an attempt, and not in the one with the number `before`, if there is one.
    func failingTests(in attempt: Int64, since before: Int64? = nil) throws -> JobTests.Names {
        let failing = """
            FROM test_results t JOIN test_names n ON n.id = t.test
            WHERE t.attempt = ? AND t.result = 'failed' AND NOT EXISTS (
                SELECT 1 FROM test_results o WHERE o.attempt = ? AND o.test = t.test AND o.result = 'failed'
            )
            """
        let count = try row("SELECT count(*) AS n \(failing)", [attempt, before])
        let names = try rows(
            "SELECT n.name \(failing) ORDER BY n.name LIMIT \(JobTests.Names.limit)", [attempt, before])
        return JobTests.Names(count: count?["n"] ?? 0, first: names.map { $0["name"] })
    }
}

/// A test on its way into the database.
private struct StoredTest: Encodable {
    let name: String
    let result: TestResult
    let taken: Int
}
