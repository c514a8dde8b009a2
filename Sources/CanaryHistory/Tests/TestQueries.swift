// SPDX-License-Identifier: Apache-2.0

/// Queries about tests.
enum TestQueries {
    /// Infrastructure errors, such as a build with the wrong upstream, say nothing about tests.
    private static let evidence = "IN ('passed', 'failed', 'timedOut')"

    /// The row of a job in a run, by its number, with the attempt that decided it.
    static let deciding = """
        SELECT a.seq, a.id, a.result FROM run_jobs j JOIN builds b ON b.key = j.key
        JOIN attempts a ON a.build = b.id AND a.run <= j.run AND a.result = j.result
        WHERE j.id = ? ORDER BY a.seq DESC LIMIT 1
        """

    /// The newest judged pass of the same job before a row of another build, by its number.
    static let passedBefore = """
        SELECT j.id FROM run_jobs n JOIN run_jobs j
            ON j.project = n.project AND j.variant = n.variant AND j.lane = n.lane
        WHERE n.id = ? AND \(JobQueries.good) AND (j.run_at, j.run) < (n.run_at, n.run) AND j.key <> n.key
        ORDER BY j.run_at DESC, j.run DESC LIMIT 1
        """

    /// The newest judged row of each job of a JSON list of lists that has a build: probes are about other revisions.
    static let newest = """
        WITH wanted AS (SELECT value ->> 0 AS project, value ->> 1 AS variant, value ->> 2 AS lane FROM json_each(?))
        SELECT w.project, w.variant, w.lane, \(JobQueries.newest("built", "j.judged = 1 AND " + JobQueries.built))
        FROM wanted w
        """

    /// The judged rows of a job whose runs executed a test, newest first, with whether it passed.
    static let executions = """
        SELECT j.id, max(t.result = 'passed') AS passed
        FROM run_jobs j JOIN builds b ON b.key = j.key JOIN attempts a ON a.build = b.id AND a.run = j.run
        JOIN test_results t ON t.attempt = a.seq AND t.test = ?
        WHERE j.project = ? AND j.variant = ? AND j.lane = ? AND j.judged = 1 AND t.result <> 'skipped'
            AND a.result \(evidence)
        GROUP BY j.id ORDER BY j.run_at DESC, j.run DESC LIMIT 1000
        """

    /// The tests of a job, counted over its last 400 attempts that reported tests.
    ///
    /// SQLite takes the columns outside an aggregate from the row with the maximum.
    static let reliability = """
        WITH recent AS (
            SELECT a.seq, a.build FROM (
                SELECT DISTINCT key FROM run_jobs WHERE project = ? AND variant = ? AND lane = ? AND key IS NOT NULL
            ) k
            JOIN builds b ON b.key = k.key JOIN attempts a ON a.build = b.id JOIN test_reports r ON r.attempt = a.seq
            WHERE a.result \(evidence) ORDER BY a.seq DESC LIMIT 400
        ), by_build AS (
            SELECT t.test, sum(t.result = 'passed') AS passed, sum(t.result = 'failed') AS failed,
                max(t.attempt) AS attempt, t.result, t.milliseconds
            FROM recent r JOIN test_results t ON t.attempt = r.seq GROUP BY t.test, r.build
        ), tests AS (
            SELECT test, sum(passed + failed) AS ran, sum(failed) AS failed, sum(iif(passed > 0, failed, 0)) AS flakes,
                max(attempt) AS attempt, result, milliseconds
            FROM by_build GROUP BY test
        )
        SELECT n.name, t.ran, t.failed, t.flakes, t.result, t.milliseconds, a.id AS attempt
        FROM tests t JOIN test_names n ON n.id = t.test JOIN attempts a ON a.seq = t.attempt
        ORDER BY t.flakes * 1.0 / max(t.ran, 1) DESC, t.result <> 'failed', n.name
        """

    /// The attempts before an instant whose tests nothing needs: not those on the builds of a JSON list of keys.
    static let unneeded = """
        SELECT a.id FROM test_reports r JOIN attempts a ON a.seq = r.attempt
        WHERE a.finished_at < ? AND EXISTS (SELECT 1 FROM test_results t WHERE t.attempt = r.attempt)
            AND a.build NOT IN (SELECT b.id FROM json_each(?) e JOIN builds b ON b.key = e.value)
        ORDER BY a.seq
        """

    /// Removes what the tests of the attempts of a JSON list ended with.
    static let remove = """
        DELETE FROM test_results
        WHERE attempt IN (SELECT a.seq FROM json_each(?) e JOIN attempts a ON a.id = e.value)
        """

    /// Removes at most so many names that no attempt has.
    static let removeNames = """
        DELETE FROM test_names WHERE id IN (
            SELECT n.id FROM test_names n WHERE NOT EXISTS (SELECT 1 FROM test_results t WHERE t.test = n.id) LIMIT ?
        )
        """
}
