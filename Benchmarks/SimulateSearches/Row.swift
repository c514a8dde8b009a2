// SPDX-License-Identifier: Apache-2.0

import CanaryBisection
import Simulation

/// One row of the table: simulated worlds, what the search knows about them, and the limits it must keep.
struct Row {
    let name: String
    let world: (inout SplitMix64) -> World
    var rates = SearchRates()
    var options = SearchOptions()
    /// The least share of searches that end with the right result.
    var right = 0.0
    /// The most builds, in the mean and in 95 of 100 searches.
    var mean = Double.infinity
    var tail = Int.max
    /// The most rounds in the mean.
    var rounds = Double.infinity
    /// The largest share of searches that name a wrong commit.
    var blamed = 1.0
    /// How far the stated confidence may lie above the share of right results.
    var gap = Double.infinity
    /// The part of the usual number of searches that is made.
    var share = 1.0

    init(_ name: String, _ world: @escaping (inout SplitMix64) -> World) {
        self.name = name
        self.world = world
    }
}

/// The results of the searches of a row.
struct Tally {
    private(set) var right = 0
    private(set) var blamed = 0
    private(set) var claims = 0
    private(set) var claimed = 0.0
    private(set) var rounds = 0
    /// Builds of the search and its controls, without those that isolate the commit.
    private(set) var naming = 0
    private var builds: [Int] = []

    init(_ row: Row, trials: Int, seed: UInt64) {
        var random = SplitMix64(seed: seed)
        for _ in 0..<trials {
            let world = row.world(&random)
            var builder = Builder(world, &random)
            let search = builder.conduct(Search(world.range, rates: row.rates, options: row.options))
            add(search.verdict, isRight: world.isRight(search.verdict))
            builds.append(builder.total)
            rounds += builder.rounds
            naming += (builder.builds[.search] ?? 0) + (builder.builds[.control] ?? 0)
        }
        builds.sort()
    }

    private mutating func add(_ verdict: SearchResult?, isRight: Bool) {
        if isRight { right += 1 }
        guard let verdict, verdict.kind == .culprit || verdict.kind == .set else { return }
        claims += 1
        claimed += verdict.suspects.map(\.probability).reduce(0, +)
        if !isRight { blamed += 1 }
    }

    private var count: Double { Double(builds.count) }
    var share: Double { Double(right) / count }
    var blame: Double { Double(blamed) / count }
    var mean: Double { Double(builds.reduce(0, +)) / count }
    var namingMean: Double { Double(naming) / count }
    var tail: Int { builds[builds.count * 95 / 100] }
    var roundsMean: Double { Double(rounds) / count }
    /// Stated confidence minus the share of its claims that are right.
    var gap: Double { claims == 0 ? 0 : claimed / Double(claims) - 1 + Double(blamed) / Double(claims) }

    /// The limits of `row` that were missed.
    func missed(_ row: Row) -> [String] {
        var missed: [String] = []
        if share < row.right { missed.append("right") }
        if mean > row.mean { missed.append("mean") }
        if tail > row.tail { missed.append("p95") }
        if roundsMean > row.rounds { missed.append("rounds") }
        if blame > row.blamed { missed.append("blamed") }
        if gap > row.gap { missed.append("gap") }
        return missed
    }
}
