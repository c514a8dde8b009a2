// SPDX-License-Identifier: Apache-2.0

import CanaryBisection
import Foundation
import Simulation
import Testing

/// Simulated histories: how often searches are right, and how many builds they need.
@Suite("Search, simulated") struct SearchSimulationTests {
    /// What many searches came to.
    private struct Tally: CustomStringConvertible {
        var right = 0
        /// Named a commit that it is not.
        var blamed = 0
        var builds: [Int] = []
        var rounds = 0
        /// Builds of the search for the commit, without those that isolate it.
        var searching = 0

        var mean: Double { Double(builds.reduce(0, +)) / Double(builds.count) }
        var share: Double { Double(right) / Double(builds.count) }
        var description: String {
            let (least, most) = (builds.min() ?? 0, builds.max() ?? 0)
            return "\(right) of \(builds.count) right, \(blamed) blamed, \(mean) builds (\(least) to \(most))"
        }
    }

    private func simulate(
        _ count: Int, rates: SearchRates = SearchRates(), workers: Int = 1, seed: UInt64,
        _ world: (inout SplitMix64) -> World
    ) -> Tally {
        var random = SplitMix64(seed: seed)
        var options = SearchOptions()
        options.workers = workers
        var tally = Tally()
        for _ in 0..<count {
            let world = world(&random)
            var builder = Builder(world, &random)
            let search = builder.conduct(Search(world.range, rates: rates, options: options))
            let isRight = world.isRight(search.verdict)
            if isRight { tally.right += 1 }
            if !isRight, search.verdict?.kind == .culprit || search.verdict?.kind == .set { tally.blamed += 1 }
            tally.builds.append(builder.total)
            tally.rounds += builder.rounds
            tally.searching += (builder.builds[.search] ?? 0) + (builder.builds[.control] ?? 0)
        }
        return tally
    }

    /// What is asked of thousands of searches, of a few it may be missed by this much.
    private static let chance = 1.1

    @Test func `512 commits, one build in ten is an unstated flake`() {
        let tally = simulate(40, seed: 1) { World.line(512, flake: 0.1, &$0) }
        #expect(tally.share >= 0.97 && tally.mean <= 17.5 * Self.chance, "seed 1: \(tally)")
    }

    @Test func `stated rates save builds`() {
        let tenth = simulate(40, rates: SearchRates(flake: 0.1, miss: 0), seed: 2) {
            World.line(512, flake: 0.1, &$0)
        }
        #expect(tenth.share >= 0.97 && tenth.mean <= 14 * Self.chance, "seed 2: \(tenth)")
        let fifth = simulate(30, rates: SearchRates(flake: 0.2, miss: 0), seed: 3) {
            World.line(512, flake: 0.2, &$0)
        }
        #expect(fifth.share >= 0.96 && fifth.mean <= 18 * Self.chance, "seed 3: \(fifth)")
    }

    @Test(arguments: [1, 2, 3, 5, 8, 13, 64, 200])
    func `without noise it is always right, with at most six builds more than halving needs`(count: Int) {
        var random = SplitMix64(seed: 1)
        let range = World.range(count, &random)
        for culprit in stride(from: 1, through: count, by: max(1, count / 16)) {
            let world = World(range: range, truth: .culprit(culprit))
            var builder = Builder(world, &random)
            let search = builder.conduct(Search(range))
            #expect(search.verdict?.suspects.map(\.number) == [culprit])
            #expect(Double(builder.total) <= log2(Double(count)) + 6, "\(builder.total) builds for \(culprit)")
        }
    }

    @Test(arguments: [0.0, 0.05, 0.1])
    func `flakes and a bad environment are distinguished from commits quickly`(flake: Double) {
        let flakes = simulate(60, seed: 4) { World(range: World.range(64, &$0), truth: .nothing, flake: flake) }
        #expect(flakes.share >= 0.98 && flakes.blamed == 0 && flakes.mean <= 5 * Self.chance, "seed 4: \(flakes)")
        let environment = simulate(40, seed: 5) {
            World(range: World.range(64, &$0), truth: .environment, flake: flake)
        }
        #expect(environment.share == 1 && environment.mean <= 8, "seed 5: \(environment)")
        let culprits = simulate(60, seed: 6) { World.line(64, flake: flake, &$0) }
        #expect(culprits.blamed <= 1, "seed 6: \(culprits)")
    }

    @Test func `outages of four builds do not mislead it`() {
        let tally = simulate(40, seed: 7) { World.line(512, hasOutages: true, &$0) }
        #expect(tally.share >= 0.97 && tally.mean <= 15 * Self.chance, "seed 7: \(tally)")
    }

    @Test func `four workers need less than half as many rounds`() {
        let tally = simulate(40, workers: 4, seed: 8) { World.line(512, flake: 0.1, &$0) }
        let rounds = Double(tally.rounds) / 40
        #expect(tally.share >= 0.97 && rounds <= 6.5 * Self.chance, "seed 8: \(rounds) rounds, \(tally)")
    }

    @Test func `eight upstreams with commits that only build together`() {
        let tally = simulate(80, seed: 9) { World.family(137, projects: 8, flake: 0.05, pairs: 3, &$0) }
        let searching = Double(tally.searching) / 80
        #expect(tally.share >= 0.97 && searching <= 11.5 * Self.chance, "seed 9: \(searching) builds, \(tally)")
        // Two builds isolate the commit; where it builds only with others, rolling those back takes some more.
        #expect(tally.mean <= 14.5 * Self.chance, "seed 9: \(tally)")
    }

    @Test func `eight upstreams, one build in five is an unstated flake`() {
        let tally = simulate(60, seed: 12) { World.family(137, projects: 8, flake: 0.2, pairs: 3, &$0) }
        #expect(tally.blamed <= 2 && tally.mean <= 19.5 * Self.chance, "seed 12: \(tally)")
    }

    @Test func `two commits that break only together are both named`() {
        let tally = simulate(80, seed: 10) { World.couple(41, projects: 4, &$0) }
        #expect(tally.share >= 0.97 && tally.mean <= 18 * Self.chance, "seed 10: \(tally)")
    }

    @Test func `a search over 4096 commits ends within its budget`() {
        let tally = simulate(2, seed: 11) { World.line(4096, flake: 0.05, &$0) }
        #expect(tally.right == 2 && tally.builds.allSatisfy { $0 <= 60 }, "seed 11: \(tally)")
    }
}
