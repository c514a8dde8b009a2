// SPDX-License-Identifier: Apache-2.0

/// Queries about many jobs at once: each job costs a few steps in an index, however long history is.
enum JobQueries {
    /// The jobs named by a JSON list of lists, each with the row of its last build and of its last known good.
    static let ends = """
        WITH wanted AS (SELECT value ->> 0 AS project, value ->> 1 AS variant, value ->> 2 AS lane FROM json_each(?))
        SELECT \(newest("built", built)), \(newest("good", good)) FROM wanted w
        """

    /// The jobs named by a JSON list of lists, each with the row of its last known good.
    static let goods = """
        WITH wanted AS (SELECT value ->> 0 AS project, value ->> 1 AS variant, value ->> 2 AS lane FROM json_each(?))
        SELECT \(newest("good", good)) FROM wanted w
        """

    /// The jobs named by a JSON list of lists, each with what its newest judged runs ended with, newest first, joined by
    /// commas (`passed`, or `passed*` for a flaky one), and with the detail of its newest decision.
    static let strips = """
        WITH wanted AS (SELECT value ->> 0 AS project, value ->> 1 AS variant, value ->> 2 AS lane FROM json_each(?))
        SELECT w.project, w.variant, w.lane, (
            SELECT group_concat(ended) FROM (
                SELECT coalesce(j.result, '') || iif(j.flaky, '*', '') AS ended FROM run_jobs j
                WHERE j.project = w.project AND j.variant = w.variant AND j.lane = w.lane AND j.judged = 1
                ORDER BY j.run_at DESC, j.run DESC LIMIT ?
            )
        ), (
            SELECT j.decision_detail FROM run_jobs j
            WHERE j.project = w.project AND j.variant = w.variant AND j.lane = w.lane AND j.judged = 1
            ORDER BY j.run_at DESC, j.run DESC LIMIT 1
        )
        FROM wanted w
        """

    /// What the judge remembers about each job.
    static let memories = "SELECT project, variant, lane, silent_since, memory FROM judge_memories"

    /// The same, without the last good inputs of jobs that have no open episode: most of the text, and no page shows
    /// it.
    static let outlines = """
        SELECT project, variant, lane, silent_since,
            iif(memory ->> '$.episode' IS NULL, json_remove(memory, '$.lastGood'), memory) AS memory
        FROM judge_memories
        """

    /// All jobs with their verdict, and the rows of their last shown result and last known good.
    private static let standings = """
        SELECT w.project, w.variant, w.lane, w.verdict, w.since, w.episode,
            \(newest("shown", shown)), \(newest("good", good))
        FROM standings w
        """

    /// `standings`, with the row of the oldest failure after the last known good.
    static let overview = """
        WITH ends AS (\(standings))
        SELECT e.*, n.result, n.run_at, n.expected_issue, (
            SELECT j.id FROM run_jobs j
            WHERE j.project = e.project AND j.variant = e.variant AND j.lane = e.lane AND \(bad)
                AND (j.run_at, j.run) > (coalesce(g.run_at, -9223372036854775807), coalesce(g.run, 0))
            ORDER BY j.run_at, j.run LIMIT 1
        ) AS bad
        FROM ends e
        LEFT JOIN run_jobs g ON g.id = e.good
        LEFT JOIN run_jobs n ON n.id = e.shown
        """

    /// The milliseconds of the last nine passes of each `[project, variant]` of a JSON list, joined by commas.
    static let pace = """
        WITH wanted AS (SELECT value ->> 0 AS project, value ->> 1 AS variant FROM json_each(?))
        SELECT w.project, w.variant, (
            SELECT group_concat(taken) FROM (
                SELECT a.finished_at - a.started_at AS taken
                FROM attempts a JOIN builds b ON b.id = a.build AND b.partial = 0
                WHERE a.project = w.project AND a.variant = w.variant
                    AND a.result = 'passed' AND a.purpose IN ('first', 'rerun')
                ORDER BY a.seq DESC LIMIT 9
            )
        ) AS taken
        FROM wanted w
        """

    /// The prefixes that other builds may use.
    ///
    /// `CROSS JOIN` keeps SQLite from reading all builds first.
    static let prefixes = """
        SELECT b.key, p.tree FROM prefixes p CROSS JOIN builds b ON b.id = p.build
        WHERE p.removed_at IS NULL AND b.partial = 0
        """

    /// Rows of run jobs, by a JSON list of their numbers, as builds.
    static let builds = """
        SELECT j.id, j.project, j.variant, j.lane, r.id AS run, j.run_at, j.key, j.source, j.recipe, j.environment,
            j.result
        FROM json_each(?) e JOIN run_jobs j ON j.id = e.value JOIN runs r ON r.seq = j.run
        """

    /// The upstream sources of rows of run jobs, by a JSON list of their numbers.
    static let upstreams = """
        SELECT u.run_job, u.source FROM json_each(?) e JOIN run_job_upstreams u ON u.run_job = e.value
        """

    /// A job's rows, newest first; with a second argument of 1 only those of judged runs.
    static let history = """
        SELECT r.id AS run_id, j.run_at, j.judged, j.action, j.decision, j.decision_detail, j.result, j.flaky,
            s.revision, j.key, j.verdict
        FROM run_jobs j JOIN runs r ON r.seq = j.run LEFT JOIN sources s ON s.id = j.source
        WHERE j.project = ? AND j.variant = ? AND j.lane = ? AND j.judged >= ?
        ORDER BY j.run_at DESC, j.run DESC LIMIT ?
        """

    // Each condition repeats the words of the partial index that answers it.
    static let built = "j.key IS NOT NULL AND j.result IN ('passed', 'failed', 'timedOut')"
    static let good = "j.judged = 1 AND j.key IS NOT NULL AND j.result = 'passed' AND j.flaky = 0"
    static let bad = "j.judged = 1 AND j.key IS NOT NULL AND j.result IN ('failed', 'timedOut')"
    private static let shown = """
        j.judged = 1 AND j.result IN ('passed', 'failed', 'timedOut', 'error', 'blocked')
            AND j.reason IS NOT 'environment.interrupted'
        """

    static func newest(_ name: String, _ condition: String) -> String {
        """
        (
            SELECT j.id FROM run_jobs j
            WHERE j.project = w.project AND j.variant = w.variant AND j.lane = w.lane AND \(condition)
            ORDER BY j.run_at DESC, j.run DESC LIMIT 1
        ) AS \(name)
        """
    }
}
