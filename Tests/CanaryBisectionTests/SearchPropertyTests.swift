// SPDX-License-Identifier: Apache-2.0

import CanaryBisection
import CanaryModel
import Foundation
import Simulation
import Testing

/// What holds of every search, tried on worlds made at random.
@Suite("Searches in general") struct SearchPropertyTests {
    private static let seeds = Array(UInt64(1)...24)

    /// A world with all that can happen, and the end of a search in it.
    private func story(seed: UInt64) -> (search: Search, options: SearchOptions) {
        var random = SplitMix64(seed: seed)
        let count = Int.random(in: 1...60, using: &random)
        let range = World.range(count, projects: [1, 1, 4].pick(&random), relevant: 20, &random)
        let (first, second) = (Int.random(in: 1...count, using: &random), Int.random(in: 1...count, using: &random))
        let truths: [World.Truth] = [
            .culprit(first), .culprit(first), .pair(min(first, second), max(first, second)), .nothing, .environment,
        ]
        var world = World(range: range, truth: truths.pick(&random), flake: [0, 0.1].pick(&random))
        world.hasOutages = random.chance(30)
        if random.chance(30), first != second { world.companions = [(min(first, second), max(first, second))] }
        var options = SearchOptions()
        options.workers = [1, 1, 3].pick(&random)
        options.confirms = random.chance(50)
        options.built = random.chance(50) ? Set((0..<9).map { _ in Int.random(in: 0...count, using: &random) }) : []
        var builder = Builder(world, &random)
        return (builder.conduct(Search(range, options: options)), options)
    }

    private func expectSame(_ one: Search, _ other: Search, _ seed: UInt64) {
        #expect(one.next == other.next, "seed \(seed)")
        #expect(one.verdict == other.verdict, "seed \(seed)")
        #expect(one.confirmation == other.confirmation, "seed \(seed)")
        #expect(one.posterior == other.posterior, "seed \(seed)")
        #expect(one.probes == other.probes, "seed \(seed)")
    }

    @Test(arguments: seeds)
    func `every search ends, and requests probes in sequence within its range`(seed: UInt64) {
        let (search, _) = story(seed: seed)
        #expect(search.next.isEmpty && search.verdict != nil, "seed \(seed)")
        #expect(search.probes.map(\.n) == Array(1...search.probes.count), "seed \(seed)")
        #expect(search.probes.allSatisfy { (0...search.range.count).contains($0.point.prefix) }, "seed \(seed)")
    }

    @Test(arguments: seeds)
    func `neither the order of answers nor their repetition matters`(seed: UInt64) {
        let (search, options) = story(seed: seed)
        var random = SplitMix64(seed: seed &+ 1000)
        for _ in 0..<3 {
            let told = (search.probes + search.probes).shuffled(using: &random)
            expectSame(told.reduce(Search(search.range, options: options)) { $0.recording($1) }, search, seed)
            expectSame(Search(search.range, options: options, probes: told), search, seed)
        }
    }

    @Test(arguments: seeds)
    func `a search continued after any probe behaves as if it had never stopped`(seed: UInt64) {
        let (search, options) = story(seed: seed)
        var going = Search(search.range, options: options)
        for probe in search.probes {
            #expect(going.next.contains { $0.n == probe.n && $0.point == probe.point }, "seed \(seed)")
            going.record(probe)
            expectSame(Search(search.range, options: options, probes: going.probes), going, seed)
        }
    }

    @Test(arguments: seeds)
    func `a late answer is recorded and changes nothing`(seed: UInt64) {
        let (search, _) = story(seed: seed)
        let late = Probe(n: search.probes.count + 7, phase: .search, point: ProbePoint(prefix: 0), answer: .fail)
        let told = search.recording(late)
        #expect(told.verdict == search.verdict && told.posterior == search.posterior, "seed \(seed)")
        #expect(told.probes == search.probes + [late], "seed \(seed)")
        #expect(
            search.recording(Probe(n: 99, phase: .search, point: ProbePoint(prefix: 61), answer: .fail)).probes
                == search.probes)
    }

    @Test(arguments: seeds)
    func `probes and requests survive being stored`(seed: UInt64) throws {
        let (search, options) = story(seed: seed)
        #expect(try Self.stored(search.probes) == search.probes)
        #expect(try Self.stored(search.range) == search.range)
        #expect(try Self.stored(options) == options)
        #expect(try Self.stored(search.verdict) == search.verdict)
        #expect(try Self.stored(search.rates) == search.rates)
    }

    private static func stored<Value: Codable>(_ value: Value) throws -> Value {
        try JSONDecoder().decode(Value.self, from: JSONEncoder().encode(value))
    }
}
