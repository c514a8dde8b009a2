// SPDX-License-Identifier: Apache-2.0

package import CanaryBisection
import CanaryModel

/// Simulates the builds of a world, one after another.
package struct Builder {
    private let world: World
    private var random: SplitMix64
    /// How many builds of the present outage are left.
    private var outage = 0
    /// How often each position was built.
    private var counts: [Int: UInt64] = [:]
    /// How many builds there were, by phase.
    package private(set) var builds: [SearchPhase: Int] = [:]
    /// How many rounds there were; the builds of one round run at the same time.
    package private(set) var rounds = 0

    /// A builder in `world`.
    package init(_ world: World, _ random: inout SplitMix64) {
        self.world = world
        self.random = SplitMix64(seed: random.next())
        if world.hasOutages, happens(0.05) { outage = Int.random(in: 1...4, using: &self.random) }
    }

    /// How many builds there were, without confirmations.
    package var total: Int { builds.filter { $0.key != .confirm }.values.reduce(0, +) }

    private mutating func happens(_ chance: Double) -> Bool {
        chance > 0 && Double.random(in: 0..<1, using: &random) < chance
    }

    /// Whether a good build at `point` fails by accident this time; counts the builds of each position.
    private mutating func misleads(_ point: ProbePoint) -> Bool {
        guard let fate = world.fate else { return happens(world.flake) }
        let times = counts[point.prefix, default: 0]
        counts[point.prefix] = times + 1
        var own = SplitMix64(seed: fate &+ UInt64(point.prefix) &* 1_000_003 &+ times)
        return Double(own.next() >> 11) / 9_007_199_254_740_992 < world.flake
    }

    /// Lets the time of one build pass.
    private mutating func pass() {
        if outage > 0 {
            outage -= 1
        } else if world.hasOutages, happens(0.05 / (4 * 0.95)) {
            outage = 4
        }
    }

    /// The answer of the build that `request` asks for.
    package mutating func answer(_ request: ProbeRequest) -> ProbeAnswer {
        builds[request.phase, default: 0] += 1
        if request.wait != nil {
            pass()
            pass()
        }
        defer { pass() }
        guard world.isTestable(request.point) else { return .untestable }
        return outage > 0 || world.isBad(request.point) || misleads(request.point) ? .fail : .pass
    }

    /// Answers all requests of `search` until it ends.
    package mutating func conduct(_ search: Search) -> Search {
        var search = search
        while !search.next.isEmpty {
            rounds += 1
            for request in search.next { search.record(request.answered(answer(request))) }
        }
        return search
    }
}
