// SPDX-License-Identifier: Apache-2.0

package import CanaryModel
import GRDB

extension TestReader {
    /// The tests of the jobs of `run`; jobs of which no attempt reported any, then or before, are absent.
    package func jobTests(in run: String) async throws(HistoryError) -> [JobID: JobTests] {
        try await access.read { connection in
            let sql = """
                SELECT j.id, j.project, j.variant, j.lane FROM run_jobs j JOIN runs r ON r.seq = j.run
                WHERE r.id = ? AND \(JobQueries.built)
                """
            return try connection.jobTests(connection.rows(sql, [run]), row: "id")
        }
    }

    /// The tests of the newest judged build of each of `jobs`; without jobs of which no attempt reported any.
    package func newest(of jobs: [JobID]) async throws(HistoryError) -> [JobID: JobTests] {
        try await access.read { connection in
            let rows = try connection.rows(TestQueries.newest, [JSON.text(jobs.map(\.names))])
            return try connection.jobTests(rows.filter { $0["built"] as Int64? != nil }, row: "built")
        }
    }
}

extension Database {
    /// The tests of jobs, with the numbers of their rows of `run_jobs` in the column `row`.
    fileprivate func jobTests(_ rows: [Row], row column: String) throws -> [JobID: JobTests] {
        var tests: [JobID: JobTests] = [:]
        for row in rows { tests[try row.job()] = try jobTests(of: row[column]) }
        return tests
    }

    private func jobTests(of job: Int64) throws -> JobTests? {
        guard let decided = try row(TestQueries.deciding, [job]) else { return nil }
        let number: Int64 = decided["seq"]
        let result: String = decided["result"]
        let isPassed = result == CanaryModel.Result.passed.rawValue
        let before = try row(TestQueries.passedBefore, [job]).flatMap { found -> Int64? in
            try row(TestQueries.deciding, [found["id"] as Int64])?["seq"]
        }
        let known = try before.flatMap { try testCounts(of: $0) }
        let counts = try testCounts(of: number)
        guard counts != nil || isPassed && known != nil else { return nil }
        // Where what the build before ended with was removed, nothing is known to be new.
        let isComparable = try known.map { known in
            try known.ran + known.skipped == 0
                || row("SELECT 1 FROM test_results WHERE attempt = ? LIMIT 1", [before]) != nil
        }
        return try JobTests(
            attempt: decided["id"], isPassed: isPassed, counts: counts, before: known,
            failing: failingTests(in: number),
            newlyFailing: isComparable == true ? failingTests(in: number, since: before) : JobTests.Names())
    }
}
