// SPDX-License-Identifier: Apache-2.0

import CanaryBisection
import Foundation
import Simulation

extension Row {
    /// All rows: commits, no noise, mixtures, families, then how far a stated confidence can be trusted.
    static var all: [Row] { commits + noiseless + mixtures + families + calibrations }

    private func reaching(
        right: Double = 0, mean: Double = .infinity, tail: Int = .max, rounds: Double = .infinity
    ) -> Row {
        var row = self
        (row.right, row.mean, row.tail, row.rounds) = (right, mean, tail, rounds)
        return row
    }

    private func given(_ rates: SearchRates) -> Row {
        var row = self
        row.rates = rates
        return row
    }

    private static func line(_ name: String, _ count: Int, flake: Double = 0, outages: Bool = false) -> Row {
        Row(name) { World.line(count, flake: flake, hasOutages: outages, &$0) }
    }

    private static var commits: [Row] {
        var four = line("4 workers, 512 commits, f 10 %", 512, flake: 0.1).reaching(right: 0.99, rounds: 6.5)
        four.options.workers = 4
        return [
            line("512 commits, f 10 %", 512, flake: 0.1).reaching(right: 0.99, mean: 17.5, tail: 25),
            line("512, f 10 %, rates given", 512, flake: 0.1).given(SearchRates(flake: 0.1, miss: 0))
                .reaching(right: 0.995, mean: 14, tail: 20),
            line("512, f 20 %, rates given", 512, flake: 0.2).given(SearchRates(flake: 0.2, miss: 0))
                .reaching(right: 0.99, mean: 18, tail: 26),
            line("512, outages of 4 builds, 5 % of the time", 512, outages: true).reaching(right: 0.99, mean: 15),
            four,
        ]
    }

    private static var noiseless: [Row] {
        [1, 2, 8, 64, 512, 4096].map { count in
            let most = log2(Double(count)) + 6
            var row = line("no noise, \(count) commits", count).reaching(right: 1, mean: most, tail: Int(most))
            row.share = count > 1000 ? 0.02 : 0.25
            return row
        }
    }

    private static var mixtures: [Row] {
        [0, 0.05, 0.1].flatMap { flake in
            let percent = "f \(Int(flake * 100)) %"
            let flakes = Row("nothing broken, \(percent)") {
                World(range: World.range(512, &$0), truth: .nothing, flake: flake)
            }
            let environment = Row("environment, \(percent)") {
                World(range: World.range(512, &$0), truth: .environment, flake: flake)
            }
            var mix = Row("55 % culprit, 30 % flake, 15 % environment, \(percent)") { random in
                var world = World.line(512, flake: flake, &random)
                let lot = Int.random(in: 0..<100, using: &random)
                if lot < 30 { world.truth = .nothing } else if lot < 45 { world.truth = .environment }
                return world
            }
            mix.blamed = 0.01
            return [flakes.reaching(mean: 5), environment.reaching(mean: 8), mix]
        }
    }

    private static var families: [Row] {
        [
            Row("8 upstreams, 137 commits, f 5 %, 3 pairs") {
                World.family(137, projects: 8, flake: 0.05, pairs: 3, &$0)
            }.reaching(right: 0.99, mean: 11.5),
            Row("two that break only together, 4 upstreams, 41 commits") { World.couple(41, projects: 4, &$0) }
                .reaching(right: 0.97, mean: 18),
        ]
    }

    private static var calibrations: [Row] {
        [0.95, 0.99].flatMap { confidence in
            [0, 0.05, 0.1, 0.2].flatMap { flake in
                let rates = "f \(Int(flake * 100)) %"
                let lines = [64, 512].map { count in
                    line("stated \(confidence), \(count) commits, \(rates)", count, flake: flake)
                }
                let family = Row("stated \(confidence), 8 upstreams, 137 commits, \(rates)") {
                    World.family(137, projects: 8, flake: flake, pairs: 3, &$0)
                }
                return (lines + [family]).map { row in
                    var row = row
                    row.options.confidence = confidence
                    row.gap = 0.01
                    return row
                }
            }
        }
    }
}
