// SPDX-License-Identifier: Apache-2.0

package import CanaryModel
package import Foundation
import GRDB

/// Reads a history, and cannot write it.
///
/// Every call sees one consistent state.
package struct HistoryReader: Sendable {
    let access: ReadAccess

    /// Reads runs.
    package var runs: RunReader { RunReader(access: access) }
    /// Reads what jobs ended with in runs, and their verdicts and episodes.
    package var jobs: JobReader { JobReader(access: access) }
    /// Reads builds, attempts, prefixes and surfaces.
    package var builds: BuildReader { BuildReader(access: access) }
    /// Reads what the tests of builds ended with.
    package var tests: TestReader { TestReader(access: access) }
    /// Reads what the judge and people decided.
    package var decisions: DecisionReader { DecisionReader(access: access) }
    /// Reads searches and probes.
    package var searches: SearchReader { SearchReader(access: access) }
    /// Reads how notices were delivered.
    package var notices: NoticeReader { NoticeReader(access: access) }
    /// Reads requests to the daemon.
    package var requests: RequestReader { RequestReader(access: access) }
    /// Reads what garbage collection must keep.
    package var retention: RetentionReader { RetentionReader(access: access) }

    /// The time of the last change, which moves forward with every change; nil before the first one.
    package func lastChange() async throws(HistoryError) -> Date? {
        try await access.read { connection in
            try connection.row("SELECT changed_at FROM house")?.optionalDate("changed_at")
        }
    }

    /// What `id` names: a run, an attempt, an episode, a search, or a build by 6 or more first digits of its key; nil if
    /// nothing.
    ///
    /// - Throws: `ambiguous` when the keys of several builds begin with it.
    package func kind(of id: String) async throws(HistoryError) -> NamedRecord? {
        try await access.read { connection in
            if try connection.holds(id, in: .runs) { return .run(id) }
            if try connection.holds(id, in: .attempts) { return .attempt(id) }
            if try connection.holds(id, in: .episodes) { return .episode(id) }
            if try connection.holds(id, in: .searches) { return .search(id) }
            return try connection.key(beginning: id).map { .build(key: $0) }
        }
    }

    /// Counts of runs, attempts and requests.
    package func tallies() async throws(HistoryError) -> HistoryTallies {
        try await access.read { connection in
            var runs: [RunState: Int] = [:]
            for row in try connection.rows("SELECT state, count(*) AS n FROM runs GROUP BY state") {
                try runs[row.word("state")] = row["n"]
            }
            var attempts: [CanaryModel.Result: Int] = [:]
            var running = 0
            for row in try connection.rows("SELECT result, count(*) AS n FROM attempts GROUP BY result") {
                if let result: CanaryModel.Result = try row.optionalWord("result") {
                    attempts[result] = row["n"]
                } else {
                    running = row["n"]
                }
            }
            let open = try Int.fetchOne(
                connection, sql: "SELECT count(*) FROM requests WHERE state IN ('waiting', 'running')")
            return HistoryTallies(runs: runs, attempts: attempts, running: running, openRequests: open ?? 0)
        }
    }
}

/// What an id names.
package enum NamedRecord: Hashable, Sendable {
    case run(String)
    case attempt(String)
    case episode(String)
    case search(String)
    /// The whole key, even if only its beginning was given.
    case build(key: String)
}

/// Counts of everything in a history.
package struct HistoryTallies: Hashable, Sendable {
    /// Runs by state.
    package let runs: [RunState: Int]
    /// Finished attempts by result.
    package let attempts: [CanaryModel.Result: Int]
    /// Attempts that are running.
    package let running: Int
    /// Requests that are waiting or running.
    package let openRequests: Int
}

extension Database {
    fileprivate func holds(_ id: String, in table: NamedTable) throws -> Bool {
        try row("SELECT 1 FROM \(table.rawValue) WHERE \(table.name) = ?", [id]) != nil
    }
}
