// SPDX-License-Identifier: Apache-2.0

package import CanaryModel
import GRDB

extension JobReader {
    /// What a plan of `jobs` depends on.
    ///
    /// All stored prefixes of whole builds; of each job the newest build that passed, failed or timed out, judged or
    /// not, and the newest judged one that passed and was not flaky; of each project and variant the median of its
    /// last nine passed first attempts and reruns.
    package func knowledge(of jobs: [JobID]) async throws(HistoryError) -> Knowledge {
        try await access.read { connection in
            var knowledge = Knowledge()
            for row in try connection.rows(JobQueries.prefixes) { knowledge.prefixes[row[0]] = row[1] }
            for row in try connection.rows("SELECT * FROM standings WHERE verdict = 'broken'") {
                knowledge.broken.insert(try row.job())
            }
            knowledge.durations = try connection.durations(of: jobs)
            let names = try JSON.text(jobs.map(\.names))
            let ends = try connection.rows(JobQueries.ends, [names])
            let built = Set(ends.compactMap { $0["built"] as Int64? })
            let good = Set(ends.compactMap { $0["good"] as Int64? })
            for (number, found) in try connection.jobBuilds(built.union(good)) {
                if built.contains(number) { knowledge.lastBuilds[found.job] = found.build }
                if good.contains(number) { knowledge.lastKnownGood[found.job] = found.build }
            }
            return knowledge
        }
    }
}

extension Database {
    fileprivate func durations(of jobs: [JobID]) throws -> [String: Double] {
        let pairs = Set(jobs.map { [$0.project, $0.variant] })
        var durations: [String: Double] = [:]
        for row in try rows(JobQueries.pace, [JSON.text(pairs)]) {
            let taken: String? = row["taken"]
            guard let taken else { continue }
            let sorted = taken.split(separator: ",").compactMap { Double($0) }.sorted()
            let project: String = row["project"]
            let variant: String = row["variant"]
            durations["\(project)@\(variant)"] = median(sorted) / 1000
        }
        return durations
    }

    /// The middle of `sorted`, which is not empty; of an even number of values the mean of the two in the middle.
    private func median(_ sorted: [Double]) -> Double {
        (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
    }
}
