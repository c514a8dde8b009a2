// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import GRDB

extension Database {
    /// These rows of `run_jobs`, which have keys and results, as builds.
    func jobBuilds(_ numbers: Set<Int64>) throws -> [Int64: (job: JobID, build: JobBuild)] {
        let rows = try rows(JobQueries.builds, [JSON.list(numbers)])
        let upstreams = try upstreamNumbers(of: numbers)
        var wanted = Set(rows.map { $0["source"] as Int64 })
        for list in upstreams.values { wanted.formUnion(list) }
        let sources = try sources(wanted)
        var builds: [Int64: (job: JobID, build: JobBuild)] = [:]
        for row in rows {
            let number: Int64 = row["id"]
            guard let source = sources[row["source"]]?.source else { continue }
            let build = try JobBuild(
                run: row["run"], at: row.date("run_at"), key: row["key"], source: source,
                upstreams: Self.vector(upstreams[number] ?? [], among: sources), recipe: row["recipe"],
                environment: row["environment"], result: row.word("result"))
            builds[number] = try (row.job(), build)
        }
        return builds
    }

    /// The sources of the upstreams of these rows of `run_jobs`.
    func upstreams(of numbers: Set<Int64>) throws -> [Int64: [String: Source]] {
        let upstreams = try upstreamNumbers(of: numbers)
        let sources = try sources(Set(upstreams.values.joined()))
        return upstreams.mapValues { Self.vector($0, among: sources) }
    }

    private func upstreamNumbers(of numbers: Set<Int64>) throws -> [Int64: [Int64]] {
        let cursor = try Row.fetchCursor(
            cachedStatement(sql: JobQueries.upstreams), arguments: [JSON.list(numbers)])
        var upstreams: [Int64: [Int64]] = [:]
        while let row = try cursor.next() { upstreams[row[0], default: []].append(row[1]) }
        return upstreams
    }

    private static func vector(
        _ numbers: [Int64], among sources: [Int64: (project: String, source: Source)]
    ) -> [String: Source] {
        var vector = [String: Source](minimumCapacity: numbers.count)
        for number in numbers {
            if let entry = sources[number] { vector[entry.project] = entry.source }
        }
        return vector
    }
}
