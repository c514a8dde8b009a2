// SPDX-License-Identifier: Apache-2.0

package import CanaryBisection
package import CanaryModel
package import Foundation
import GRDB

extension SearchReader {
    /// The build of `project` that a probe at `point` used; nil if no probe there has an attempt that used one.
    package func installed(
        _ project: String, at point: ProbePoint, of search: SearchRecord
    ) async throws(HistoryError) -> BuildHistory? {
        for probe in search.probes where probe.probe.point == point {
            guard let id = probe.attempt, let attempt = try await builds.attempt(id),
                let build = try await builds.build(attempt.key)
            else { continue }
            if build.build.project == project { return build }
            guard let key = build.build.upstreams.first(where: { $0.project == project })?.key else { continue }
            return try await builds.build(key)
        }
        return nil
    }

    /// The first error of the last failing probe at `point`; nil when none failed there.
    package func firstError(at point: ProbePoint, of search: SearchRecord) async throws(HistoryError) -> FirstError? {
        for probe in search.probes.reversed() where probe.probe.point == point && probe.probe.answer == .fail {
            guard let id = probe.attempt, let outcome = try await builds.attempt(id)?.outcome else { continue }
            return outcome.firstError
        }
        return nil
    }

    /// The fingerprints of failing probes, by position.
    package func fingerprints(of search: SearchRecord) async throws(HistoryError) -> [Int: Set<String>] {
        var found: [Int: Set<String>] = [:]
        for probe in search.probes where probe.probe.answer == .fail && probe.probe.point.ahead == nil {
            guard let id = probe.attempt, let print = try await builds.attempt(id)?.outcome?.fingerprint else {
                continue
            }
            found[probe.probe.point.prefix, default: []].insert(print)
        }
        return found
    }

    /// How many probes were built for jobs since `date`.
    package func probes(madeSince date: Date) async throws(HistoryError) -> Int {
        try await access.read { connection in
            let sql = """
                SELECT count(*) FROM probes p JOIN searches s ON s.seq = p.search
                WHERE s.kind = 'upstream' AND p.reused = 0 AND p.began_at >= ?
                """
            return try Int.fetchOne(connection.cachedStatement(sql: sql), arguments: [date.milliseconds]) ?? 0
        }
    }

    private var builds: BuildReader { BuildReader(access: access) }
}
