// SPDX-License-Identifier: Apache-2.0

/// The queries of `gc`.
enum RetentionQueries {
    /// Of the jobs of a JSON list of lists: the rows of the newest build, of the newest judged one, of the last known
    /// good, and of the newest judged failure.
    static let ends = """
        WITH wanted AS (SELECT value ->> 0 AS project, value ->> 1 AS variant, value ->> 2 AS lane FROM json_each(?))
        SELECT w.project, w.variant, w.lane, \(JobQueries.newest("built", JobQueries.built)),
            \(JobQueries.newest("judged", "j.judged = 1 AND " + JobQueries.built)),
            \(JobQueries.newest("good", JobQueries.good)), \(JobQueries.newest("failed", JobQueries.bad))
        FROM wanted w
        """

    /// The rows that the newest run built or reused.
    static let newestRun = """
        SELECT j.id FROM run_jobs j
        WHERE j.run = (SELECT max(seq) FROM runs) AND \(JobQueries.built)
        """

    /// The passed rows of the newest judged run in which all of a variant's `head` jobs passed or failed as expected.
    ///
    /// Arguments: the variant, a JSON list of projects, and how many these are.
    static let green = """
        WITH green AS (
            SELECT r.seq FROM runs r
            WHERE r.judged = 1 AND r.state = 'finished' AND ?3 = (
                SELECT count(*) FROM json_each(?2) e JOIN run_jobs j
                    ON j.run = r.seq AND j.project = e.value AND j.variant = ?1 AND j.lane = 'head'
                WHERE j.result = 'passed' OR (j.expected_issue IS NOT NULL AND j.result IN ('failed', 'timedOut'))
            )
            ORDER BY r.started_at DESC, r.seq DESC LIMIT 1
        )
        SELECT j.id FROM json_each(?2) e JOIN run_jobs j
            ON j.run = (SELECT seq FROM green) AND j.project = e.value AND j.variant = ?1 AND j.lane = 'head'
        WHERE j.key IS NOT NULL AND j.result = 'passed'
        """

    /// The stored prefixes, and when each was last used.
    static let prefixes = """
        SELECT b.project, b.key, max(
            p.created_at, coalesce((SELECT max(j.run_at) FROM run_jobs j WHERE j.key = b.key), 0),
            coalesce((
                SELECT max(a.started_at) FROM build_upstreams u JOIN attempts a ON a.build = u.build
                WHERE u.upstream = b.id
            ), 0)
        ) AS used_at
        FROM prefixes p CROSS JOIN builds b ON b.id = p.build WHERE p.removed_at IS NULL
        """

    /// The builds that are stored, those of a JSON list of keys, and their recorded upstreams.
    static let builds = """
        WITH named AS (
            SELECT build AS id FROM prefixes WHERE removed_at IS NULL
            UNION SELECT b.id FROM json_each(?) e JOIN builds b ON b.key = e.value
        ), asked AS (SELECT id FROM named UNION SELECT u.upstream FROM named n JOIN build_upstreams u ON u.build = n.id)
        SELECT b.id, b.key, b.project, s.tree AS source, b.environment, (
            SELECT p.tree FROM prefixes p WHERE p.build = b.id ORDER BY p.id DESC LIMIT 1
        ) AS tree
        FROM asked a JOIN builds b ON b.id = a.id JOIN sources s ON s.id = b.source
        """

    /// The upstreams of the builds of a JSON list of numbers.
    static let upstreams = """
        SELECT u.build, u.project, b.key FROM json_each(?) e JOIN build_upstreams u ON u.build = e.value
        JOIN builds b ON b.id = u.upstream
        """

    /// When the attempts of a JSON list ended.
    static let attemptEnds = """
        SELECT a.id, a.finished_at FROM json_each(?) e JOIN attempts a ON a.id = e.value
        """

    /// The trees with a surface that nothing needs: not those of stored prefixes, of a JSON list of keys, or of builds
    /// that open searches, and those about jobs with an open episode, have used.
    static let unneededSurfaces = """
        WITH searching AS (
            SELECT s.seq FROM searches s
            WHERE s.ended_at IS NULL OR EXISTS (
                SELECT 1 FROM standings w
                WHERE w.project = s.project AND w.variant = s.variant AND w.lane = s.lane AND w.episode IS NOT NULL
            )
        ), probed AS (
            SELECT a.build FROM searching s CROSS JOIN probes p ON p.search = s.seq JOIN attempts a ON a.seq = p.attempt
        ), used AS (
            SELECT b.id FROM json_each(?) e JOIN builds b ON b.key = e.value
            UNION SELECT build FROM probed
            UNION SELECT u.upstream FROM probed p JOIN build_upstreams u ON u.build = p.build
        ), needed AS (
            SELECT tree FROM prefixes WHERE removed_at IS NULL
            UNION SELECT (SELECT p.tree FROM prefixes p WHERE p.build = used.id ORDER BY p.id DESC LIMIT 1) FROM used
        )
        SELECT DISTINCT s.tree FROM surfaces s
        WHERE NOT EXISTS (SELECT 1 FROM needed n WHERE n.tree = s.tree) ORDER BY s.tree
        """

    /// Removes the surfaces of the trees of a JSON list, except of those that were stored in the meantime.
    static let removeSurfaces = """
        DELETE FROM surfaces WHERE tree IN (SELECT value FROM json_each(?))
            AND tree NOT IN (SELECT tree FROM prefixes WHERE removed_at IS NULL)
        """

    /// At most so many parts that no surface uses.
    static let unusedParts = """
        SELECT p.id FROM surface_parts p WHERE NOT EXISTS (SELECT 1 FROM surfaces s WHERE s.part = p.id) LIMIT ?
        """

    /// The attempts behind rows of run jobs, by a JSON list of their numbers.
    static let evidence = """
        SELECT a.id FROM json_each(?) e JOIN run_jobs j ON j.id = e.value JOIN builds b ON b.key = j.key
        JOIN attempts a ON a.build = b.id AND a.run = j.run
        """
}
