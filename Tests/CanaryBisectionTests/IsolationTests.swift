// SPDX-License-Identifier: Apache-2.0

import CanaryBisection
import CanaryModel
import Foundation
import Simulation
import Testing

/// Searches in which several upstreams have changed.
@Suite("Isolation") struct IsolationTests {
    /// Commits of `a`, `b` and `c` in turns, twelve of them.
    private let range = SearchRange(
        (0..<12).map {
            Commit(
                project: ["a", "b", "c"][$0 % 3], revision: "r\($0 + 1)",
                committedAt: Date(timeIntervalSince1970: Double($0)))
        })

    private func conduct(_ world: World, workers: Int = 1) -> (search: Search, builder: Builder) {
        var random = SplitMix64(seed: 1)
        var builder = Builder(world, &random)
        var options = SearchOptions()
        options.workers = workers
        return (builder.conduct(Search(world.range, options: options)), builder)
    }

    @Test(arguments: 1...12, [1, 3])
    func `a commit that breaks alone is recognised`(culprit: Int, workers: Int) {
        let (search, builder) = conduct(World(range: range, truth: .culprit(culprit)), workers: workers)
        #expect(search.verdict?.suspects.map(\.number) == [culprit])
        #expect(search.verdict?.isolation == .alone)
        // The first commit has no others before it, there is nothing to take away.
        #expect(builder.builds[.isolation] ?? 0 == (culprit == 1 ? 0 : 2))
        let alone = ProbePoint(prefix: 0, ahead: culprit)
        #expect(search.probes.allSatisfy { $0.phase != .isolation || $0.point == alone })
        #expect(search.project == ["a", "b", "c"][(culprit - 1) % 3])
    }

    @Test(arguments: 4...12)
    func `isolation begins before a commit is certain, and its failures prove the commit`(culprit: Int) throws {
        let (search, _) = conduct(World(range: range, truth: .culprit(culprit)))
        let isolations = search.probes.filter { $0.phase == .isolation }
        #expect(try #require(isolations.last).n - isolations[0].n == 1)
        let before = Search(range, probes: search.probes.filter { $0.n < isolations[0].n })
        #expect(try #require(before.posterior).probabilities[culprit] < 0.99)
        let failures = search.probes.filter {
            $0.answer == .fail && ($0.point.ahead == culprit || $0.point == ProbePoint(prefix: culprit))
        }
        #expect(failures.count >= 4)
    }

    @Test func `a commit that passes alone is less probable than before`() throws {
        let world = World(range: range, truth: .pair(4, 9))
        let (search, _) = conduct(world)
        let passed = try #require(search.probes.first { $0.phase == .isolation && $0.answer == .pass })
        let told = { (last: Int) in Search(self.range, probes: search.probes.filter { $0.n <= last }) }
        let before = try #require(told(passed.n - 1).posterior).probabilities[9]
        let behind = try #require(told(passed.n).posterior).probabilities[9]
        #expect(behind < before / 2)
    }

    @Test func `a commit that passes with all others is not the culprit, whatever its isolation showed`() {
        // Accidents at 6 until its isolation; nothing fails before 9 from then on.
        var search = Search(range)
        var isolated = false
        while let request = search.next.first {
            isolated = isolated || request.phase == .isolation
            let point = request.point
            let fails = range.includes(9, at: point) || (!isolated && point.ahead == nil && point.prefix >= 6)
            search.record(request.answered(fails ? .fail : .pass))
        }
        #expect(search.verdict?.suspects.map(\.number) == [9])
        #expect(search.verdict?.isolation == .alone)
    }

    @Test(arguments: [(1, 2), (1, 12), (4, 6), (5, 10), (10, 12), (8, 9)])
    func `two commits that break only together are both named`(first: Int, second: Int) {
        let world = World(range: range, truth: .pair(first, second))
        let (search, _) = conduct(world)
        #expect(world.isRight(search.verdict), "\(String(describing: search.verdict))")
        #expect(search.verdict?.kind == .culprit)
    }

    @Test func `if it does not build alone, the others are rolled back as far as it still builds`() throws {
        // Commit 4 of a needs commit 5 of b; the culprit is commit 10 of a.
        var world = World(range: range, truth: .culprit(10))
        world.companions = [(4, 5)]
        let (search, builder) = conduct(world)
        #expect(search.verdict?.suspects.map(\.number) == [10])
        #expect(search.verdict?.isolation == .needs(5))
        #expect(try #require(builder.builds[.isolation]) <= 1 + 8)
    }

    @Test func `a pair that needs an earlier commit is found above that commit`() {
        var world = World(range: range, truth: .pair(8, 10))
        world.companions = [(4, 5)]
        let (search, _) = conduct(world)
        #expect(world.isRight(search.verdict), "\(String(describing: search.verdict))")
    }

    @Test func `rolling back takes eight builds at most`() throws {
        var random = SplitMix64(seed: 3)
        let long = World.range(2000, projects: 2, &random)
        let culprit = try #require(long.commits(of: "p1").last)
        let partner = try #require(long.commits(of: "p2").first { $0 > 900 })
        let mate = try #require(long.commits(of: "p1").first { $0 > partner })
        var world = World(range: long, truth: .culprit(culprit))
        world.companions = [(partner, mate)]
        let (search, builder) = conduct(world)
        #expect(search.verdict?.suspects.map(\.number) == [culprit])
        #expect(try #require(builder.builds[.isolation]) <= 1 + 8)
        guard case .needs(let other) = search.verdict?.isolation else {
            Issue.record("no company: \(String(describing: search.verdict))")
            return
        }
        #expect(other >= partner)
    }

    @Test func `commits that only build together are a set, and not isolated`() {
        var world = World(range: range, truth: .culprit(5))
        world.companions = [(4, 5)]
        let (search, _) = conduct(world)
        #expect(search.verdict?.kind == .set)
        #expect(search.verdict?.suspects.map(\.number) == [4, 5])
        #expect(search.verdict?.isolation == nil)
    }

    @Test func `infrastructure failures during isolation are repeated, but not for ever`() {
        var search = Search(range)
        while let request = search.next.first {
            search.record(
                request.answered(request.phase == .isolation ? .error : request.point.prefix >= 8 ? .fail : .pass))
        }
        #expect(search.verdict?.suspects.map(\.number) == [8])
        #expect(search.verdict?.isolation == .open)
        #expect(search.probes.count { $0.phase == .isolation } == 4)
    }
}
