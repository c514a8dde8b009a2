// SPDX-License-Identifier: Apache-2.0

package import CanaryModel
import Foundation
import GRDB

extension History {
    /// What a notice says of each of `jobs`, as history knows it now; jobs never seen are absent.
    package func noticeFacts(of jobs: some Sequence<JobID>) async throws(HistoryError) -> [JobID: NoticeFacts] {
        let overview = try await overview()
        var facts: [JobID: NoticeFacts] = [:]
        for job in jobs {
            guard let known = overview[job] else { continue }
            facts[job] = NoticeFacts(job, known)
            guard let bad = known.firstKnownBad else { continue }
            facts[job]?.attempt = try await failedAttempt(of: bad.key)
        }
        return facts
    }

    /// The newest attempt on the build `key` that failed.
    private func failedAttempt(of key: String) async throws(HistoryError) -> String? {
        try await read { connection in
            let sql = """
                SELECT a.id FROM builds b JOIN attempts a ON a.build = b.id
                WHERE b.key = ? AND a.result IN ('failed', 'timedOut') ORDER BY a.seq DESC LIMIT 1
                """
            return try String.fetchOne(connection.cachedStatement(sql: sql), arguments: [key])
        }
    }
}

extension NoticeFacts {
    fileprivate init(_ job: JobID, _ known: JobOverview) {
        self.init()
        episode = known.episode?.id
        lastKnownGood = known.lastKnownGood.map { Notice.Point($0, of: job) }
        firstKnownBad = known.firstKnownBad.map { Notice.Point($0, of: job) }
        environment = (known.firstKnownBad ?? known.lastKnownGood)?.environment
        firstError = known.episode?.firstError
        issue = known.expectedIssue
    }
}

extension Notice.Point {
    fileprivate init(_ build: JobBuild, of job: JobID) {
        var revisions = build.upstreams.mapValues(\.revision)
        revisions[job.project] = build.source.revision
        self.init(at: build.at, revisions: revisions)
    }
}
