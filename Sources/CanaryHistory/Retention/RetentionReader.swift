// SPDX-License-Identifier: Apache-2.0

package import CanaryModel
package import Foundation
import GRDB

/// Reads what garbage collection must keep.
package struct RetentionReader: Sendable {
    let access: ReadAccess

    /// What is known about stored prefixes and about `attempts`, and what `jobs` need of both.
    ///
    /// Needed are the last build of each job, judged or not; its last known good; while an episode is open, its first
    /// known bad; of each variant the newest run in which all `head` jobs were green; and all of the newest run.
    package func records(of jobs: [JobID], attempts: [String]) async throws(HistoryError) -> RetentionRecords {
        try await access.read { connection in
            let rows = try connection.neededRows(of: jobs)
            let wanted = try connection.jobBuilds(rows.needed).values.map(\.build)
            return try RetentionRecords(
                prefixes: connection.holdingPrefixes(), wanted: wanted,
                builds: connection.buildFacts(of: Set(wanted.map(\.key))),
                attemptEnds: connection.attemptEnds(attempts),
                evidence: String.fetchSet(
                    connection.cachedStatement(sql: RetentionQueries.evidence), arguments: [JSON.list(rows.evidence)]))
        }
    }
}

extension RetentionReader {
    /// The trees whose surfaces nothing needs, if the builds with these `keys` stay available.
    ///
    /// Needed are those of stored prefixes, of these builds, and of builds that were probed by a search which is open
    /// or whose job has an open episode.
    package func unneededSurfaces(keeping keys: Set<String>) async throws(HistoryError) -> [String] {
        try await access.read { connection in
            let statement = try connection.cachedStatement(sql: RetentionQueries.unneededSurfaces)
            return try String.fetchAll(statement, arguments: [JSON.text(keys)])
        }
    }
}

extension RetentionReader {
    /// The attempts that ended before `date` and whose tests nothing needs, if the builds with these `keys` stay.
    package func unneededTests(keeping keys: Set<String>, endedBefore date: Date) async throws(HistoryError) -> [String]
    {
        try await access.read { connection in
            let statement = try connection.cachedStatement(sql: TestQueries.unneeded)
            return try String.fetchAll(statement, arguments: [date.milliseconds, JSON.text(keys)])
        }
    }
}

extension Database {
    /// The rows of run jobs that are needed, and those that are evidence of open episodes.
    fileprivate func neededRows(of jobs: [JobID]) throws -> (needed: Set<Int64>, evidence: Set<Int64>) {
        let bad = try firstKnownBad()
        var needed = Set(try Int64.fetchAll(cachedStatement(sql: RetentionQueries.newestRun)))
        var evidence: Set<Int64> = []
        let names = try JSON.text(jobs.map(\.names))
        for row in try rows(RetentionQueries.ends, [names]) {
            needed.formUnion(["built", "judged", "good"].compactMap { row[$0] as Int64? })
            guard let first = try bad[row.job()] else { continue }
            evidence.formUnion([first, row["failed"] as Int64?].compactMap(\.self))
        }
        for (variant, heads) in Dictionary(grouping: jobs.filter { $0.lane == .head }, by: \.variant) {
            let projects = try JSON.text(heads.map(\.project))
            let statement = try cachedStatement(sql: RetentionQueries.green)
            needed.formUnion(try Int64.fetchAll(statement, arguments: [variant, projects, heads.count]))
        }
        return (needed.union(evidence), evidence)
    }

    /// The first known bad of each job with an open episode.
    private func firstKnownBad() throws -> [JobID: Int64] {
        var bad: [JobID: Int64] = [:]
        for row in try rows(JobQueries.overview) where row["episode"] as Int64? != nil {
            bad[try row.job()] = row["bad"]
        }
        return bad
    }

    fileprivate func holdingPrefixes() throws -> [RetentionRecords.Prefix] {
        try rows(RetentionQueries.prefixes).map { row in
            RetentionRecords.Prefix(project: row["project"], key: row["key"], lastUsedAt: row.date("used_at"))
        }
    }

    fileprivate func buildFacts(of keys: Set<String>) throws -> [BuildFacts] {
        let found = try rows(RetentionQueries.builds, [JSON.text(keys)])
        var upstreams: [Int64: [String: String]] = [:]
        for row in try rows(RetentionQueries.upstreams, [JSON.list(found.map { $0["id"] })]) {
            upstreams[row["build"], default: [:]][row["project"]] = row["key"]
        }
        return found.map { row in
            BuildFacts(
                key: row["key"], project: row["project"], source: row["source"], environment: row["environment"],
                upstreams: upstreams[row["id"]] ?? [:], tree: row["tree"])
        }
    }

    fileprivate func attemptEnds(_ attempts: [String]) throws -> [String: Date?] {
        var ends: [String: Date?] = [:]
        for row in try rows(RetentionQueries.attemptEnds, [JSON.text(attempts)]) {
            ends.updateValue(row.optionalDate("finished_at"), forKey: row["id"])
        }
        return ends
    }
}
