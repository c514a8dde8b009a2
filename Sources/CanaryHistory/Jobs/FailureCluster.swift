// SPDX-License-Identifier: Apache-2.0

package import CanaryModel
package import Foundation
import GRDB

/// Jobs that fail with one error now, and those that did so before: they share a fingerprint.
package struct FailureCluster: Hashable, Sendable {
    /// An episode in which a job failed with the error.
    package struct Member: Hashable, Sendable {
        /// The job.
        package let job: JobID
        /// The episode.
        package let episode: String
        /// The start of the first run of the episode that failed so.
        package let since: Date
        /// The start of the last run that failed so; nil if it is what the job fails with now.
        package let until: Date?

        /// Makes a member.
        package init(job: JobID, episode: String, since: Date, until: Date? = nil) {
            self.job = job
            self.episode = episode
            self.since = since
            self.until = until
        }
    }

    /// The most earlier members.
    package static let longestPast = 10

    /// The fingerprint.
    package let fingerprint: String
    /// The jobs that fail so now, the first to fail first, and then the newest earlier episode of each job, newest first.
    package let members: [Member]

    /// Makes a cluster.
    package init(fingerprint: String, members: [Member]) {
        self.fingerprint = fingerprint
        self.members = members
    }

    /// Whether more than one episode has the error.
    package var isShared: Bool { members.count > 1 }

    /// Whether `job` fails with the error now.
    package func holds(_ job: JobID) -> Bool { members.contains { $0.job == job && $0.until == nil } }

    /// The same without the members of other jobs than `jobs`: history also knows jobs that a stack no longer has.
    package func among(_ jobs: Set<JobID>) -> FailureCluster {
        FailureCluster(fingerprint: fingerprint, members: members.filter { jobs.contains($0.job) })
    }

    /// The members besides `job` as it fails now.
    package func others(than job: JobID) -> [Member] { members.filter { $0.job != job || $0.until != nil } }

    fileprivate init(fingerprint: String, episodes: [Member]) {
        let present = episodes.filter { $0.until == nil }.sorted { ($0.since, $0.episode) < ($1.since, $1.episode) }
        let past = episodes.filter { $0.until != nil }.sorted {
            ($1.until ?? .distantPast, $1.episode) < ($0.until ?? .distantPast, $0.episode)
        }
        self.init(fingerprint: fingerprint, members: present + past.prefix(Self.longestPast))
    }
}

extension JobReader {
    /// The errors that jobs fail with now, each with all episodes that have it; also those of one job alone.
    ///
    /// Only failures whose fault is a change have a cluster. What a job fails with is what its newest failing run did.
    package func clusters() async throws(HistoryError) -> [FailureCluster] {
        try await access.read { connection in
            var episodes: [String: [FailureCluster.Member]] = [:]
            for row in try connection.rows(JobQueries.clusters) {
                let isPresent: Bool = row["is_present"]
                episodes[row["fingerprint"], default: []].append(
                    try FailureCluster.Member(
                        job: row.job(), episode: row["id"], since: row.date("first_at"),
                        until: isPresent ? nil : row.date("last_at")))
            }
            return episodes.map { FailureCluster(fingerprint: $0.key, episodes: $0.value) }.sorted { one, other in
                let (first, second) = (one.members.first?.since, other.members.first?.since)
                return (first ?? .distantFuture, one.fingerprint) < (second ?? .distantFuture, other.fingerprint)
            }
        }
    }
}

extension JobQueries {
    /// For each fingerprint that open episodes have now: these episodes, and the newest other one of each job.
    ///
    /// What is selected beside `max` is of the row with the maximum.
    static let clusters = """
        WITH present AS MATERIALIZED (
            SELECT w.episode, f.fingerprint, max(f.last_at)
            FROM standings w CROSS JOIN episode_fingerprints f ON f.episode = w.episode
            GROUP BY w.episode
        )
        SELECT f.fingerprint, e.id, e.project, e.variant, e.lane, f.first_at, max(f.last_at) AS last_at,
            (f.episode, f.fingerprint) IN (SELECT episode, fingerprint FROM present) AS is_present
        FROM (SELECT DISTINCT fingerprint FROM present) c
        CROSS JOIN episode_fingerprints f ON f.fingerprint = c.fingerprint
        CROSS JOIN episodes e ON e.seq = f.episode
        GROUP BY f.fingerprint, e.project, e.variant, e.lane, is_present
        """
}

extension Database {
    /// Records what the jobs of `run` that have an open episode failed with.
    func putFingerprints(ofRun run: Int64) throws {
        let reasons = ReasonCode.allCases.filter { $0.fault == .change }.map(\.rawValue)
        try perform(
            """
            INSERT INTO episode_fingerprints (fingerprint, episode, first_at, last_at)
            SELECT j.fingerprint, w.episode, j.run_at, j.run_at
            FROM run_jobs j JOIN standings w ON w.project = j.project AND w.variant = j.variant AND w.lane = j.lane
            WHERE j.run = ? AND j.judged = 1 AND j.result = 'failed' AND j.fingerprint <> ''
                AND w.episode IS NOT NULL AND j.reason IN (SELECT value FROM json_each(?))
            ON CONFLICT DO UPDATE SET
                first_at = min(first_at, excluded.first_at), last_at = max(last_at, excluded.last_at)
            """, [run, JSON.text(reasons)])
    }
}
