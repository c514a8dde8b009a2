// SPDX-License-Identifier: Apache-2.0

package import CanaryModel
import GRDB

/// Reads what the tests of builds ended with.
package struct TestReader: Sendable {
    let access: ReadAccess

    /// The tests that `attempt` reported; nil when it reported none, empty when garbage collection removed them.
    package func report(of attempt: String) async throws(HistoryError) -> TestReport? {
        try await access.read { connection in
            let number = try connection.number(of: attempt, in: .attempts)
            guard try connection.testCounts(of: number) != nil else { return nil }
            let sql = """
                SELECT n.name, t.result, t.milliseconds FROM test_results t JOIN test_names n ON n.id = t.test
                WHERE t.attempt = ?
                """
            return try TestReport(
                connection.rows(sql, [number]).map { row in
                    try TestRun(name: row["name"], result: row.word("result"), milliseconds: row["milliseconds"])
                })
        }
    }

    /// How many tests each of `attempts` reported; those that reported none are absent.
    package func counts(of attempts: [String]) async throws(HistoryError) -> [String: TestCounts] {
        try await access.read { connection in
            let sql = "SELECT a.id, a.seq FROM json_each(?) e JOIN attempts a ON a.id = e.value"
            var counts: [String: TestCounts] = [:]
            for row in try connection.rows(sql, [JSON.text(attempts)]) {
                counts[row["id"]] = try connection.testCounts(of: row["seq"])
            }
            return counts
        }
    }

    /// What the test `name` ended with in `attempt`; nil when that is not recorded.
    package func result(of name: String, in attempt: String) async throws(HistoryError) -> TestResult? {
        try await access.read { connection in
            let sql = """
                SELECT t.result FROM attempts a JOIN test_names n ON n.project = a.project AND n.name = ?
                JOIN test_results t ON t.attempt = a.seq AND t.test = n.id WHERE a.id = ?
                """
            return try connection.row(sql, [name, attempt])?.word("result")
        }
    }

    /// The names of the tests of `project` in all attempts.
    package func names(of project: String) async throws(HistoryError) -> Set<String> {
        try await access.read { connection in
            let statement = try connection.cachedStatement(sql: "SELECT name FROM test_names WHERE project = ?")
            return try String.fetchSet(statement, arguments: [project])
        }
    }

    /// The newest judged run of `job` that executed the test `name` and in which it passed, and the oldest one after
    /// that in which it failed; a test that failed and passed on the same inputs passed.
    package func ends(of name: String, in job: JobID) async throws(HistoryError) -> (good: JobBuild?, bad: JobBuild?) {
        try await access.read { connection in
            guard let test = try connection.number(ofTest: name, project: job.project) else { return (nil, nil) }
            let rows = try connection.rows(
                TestQueries.executions, [test] + StatementArguments(job.columns))
            let good = rows.first { $0["passed"] as Bool }
            let bad = rows.prefix { !($0["passed"] as Bool) }.last
            let numbers = [good, bad].map { $0?["id"] as Int64? }
            let builds = try connection.jobBuilds(Set(numbers.compactMap(\.self)))
            return (numbers[0].flatMap { builds[$0]?.build }, numbers[1].flatMap { builds[$0]?.build })
        }
    }

    /// How often the test `name` of `job` fails by accident, from 0 to 1; nil when that is not known.
    package func flakeRate(of name: String, in job: JobID) async throws(HistoryError) -> Double? {
        try await reliability(of: job).first { $0.name == name }?.flakeRate
    }

    /// How reliable each test of `job` is, by its newest executions: flaky tests first, then those that fail, by name.
    package func reliability(of job: JobID) async throws(HistoryError) -> [TestReliability] {
        try await access.read { connection in
            try connection.rows(TestQueries.reliability, StatementArguments(job.columns)).map { row in
                try TestReliability(
                    name: row["name"], ran: row["ran"], failed: row["failed"], flakes: row["flakes"],
                    lastResult: row.word("result"), lastMilliseconds: row["milliseconds"], lastAttempt: row["attempt"])
            }
        }
    }
}

/// How reliable a test is.
package struct TestReliability: Hashable, Sendable {
    /// The test.
    package let name: String
    /// How often it ran.
    package let ran: Int
    /// How often it failed.
    package let failed: Int
    /// How often it failed by accident: on the same inputs it also passed.
    package let flakes: Int
    /// What it ended with last.
    package let lastResult: TestResult
    /// How long it took then.
    package let lastMilliseconds: Int
    /// The attempt that executed it last.
    package let lastAttempt: String

    /// The share of its executions that failed by accident, from 0 to 1.
    package var flakeRate: Double { ran > 0 ? Double(flakes) / Double(ran) : 0 }
}
