// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import Foundation

/// A world in which it is known what breaks the build, and how often builds mislead.
struct World {
    /// What is broken.
    enum Truth: Hashable {
        case culprit(Int)
        /// Both together, neither alone.
        case pair(Int, Int)
        case nothing
        /// All fails, the base too.
        case environment
    }

    let range: SearchRange
    var truth: Truth
    var flake = 0.0
    /// Commits that only build together.
    var companions: [(Int, Int)] = []
    /// Whether builds fail in bursts of four, one build in twenty.
    var hasOutages = false

    /// Commits of one project, or of several in turns made by chance.
    static func range(_ count: Int, projects: Int = 1, relevant: Int = 0, _ random: inout SplitMix64) -> SearchRange {
        SearchRange(
            (1...count).map { number in
                RangeCommit(
                    project: "p\(Int.random(in: 1...projects, using: &random))", revision: "r\(number)",
                    committedAt: Date(timeIntervalSince1970: Double(number)), isRelevant: random.chance(relevant))
            })
    }

    /// One culprit anywhere among the commits of one project.
    static func line(_ count: Int, flake: Double = 0, hasOutages: Bool = false, _ random: inout SplitMix64) -> World {
        let range = range(count, &random)
        return World(
            range: range, truth: .culprit(Int.random(in: 1...count, using: &random)), flake: flake,
            hasOutages: hasOutages)
    }

    func isTestable(_ point: ProbePoint) -> Bool {
        companions.allSatisfy { range.isIn($0.0, at: point) == range.isIn($0.1, at: point) }
    }

    func isBad(_ point: ProbePoint) -> Bool {
        switch truth {
        case .culprit(let commit): range.isIn(commit, at: point)
        case .pair(let first, let second): range.isIn(first, at: point) && range.isIn(second, at: point)
        case .nothing: false
        case .environment: true
        }
    }

    /// Whether `result` says what is true, no more and no less.
    func isRight(_ result: SearchResult?) -> Bool {
        guard let result else { return false }
        let named = (result.kind == .culprit || result.kind == .set) ? result.candidates.map(\.commit) : []
        switch truth {
        case .culprit(let commit): return named.contains(commit)
        case .pair(let first, let second):
            guard named == [second], case .together(let other) = result.isolation else { return false }
            return other.commit == first
        case .nothing: return result.kind == .flake
        case .environment: return result.kind == .environment
        }
    }
}

/// Makes the builds of a world, one after the other.
struct Builder {
    private let world: World
    private var random: SplitMix64
    /// How many builds of an outage are still to come.
    private var outage = 0
    private(set) var builds: [SearchPhase: Int] = [:]
    private(set) var rounds = 0

    init(_ world: World, _ random: inout SplitMix64) {
        self.world = world
        self.random = SplitMix64(seed: random.next())
        if world.hasOutages, happens(0.05) { outage = Int.random(in: 1...4, using: &self.random) }
    }

    /// How many builds there were, but for those that only confirm.
    var total: Int { builds.filter { $0.key != .confirm }.values.reduce(0, +) }

    private mutating func happens(_ chance: Double) -> Bool {
        chance > 0 && Double.random(in: 0..<1, using: &random) < chance
    }

    /// Time goes by, as much as a build takes.
    private mutating func pass() {
        if outage > 0 {
            outage -= 1
        } else if world.hasOutages, happens(0.05 / (4 * 0.95)) {
            outage = 4
        }
    }

    mutating func answer(_ request: ProbeRequest) -> ProbeAnswer {
        builds[request.phase, default: 0] += 1
        if request.wait != nil {
            pass()
            pass()
        }
        defer { pass() }
        guard world.isTestable(request.point) else { return .untestable }
        return outage > 0 || world.isBad(request.point) || happens(world.flake) ? .fail : .pass
    }

    /// Answers all that `search` asks until it ends.
    mutating func conduct(_ search: Search) -> Search {
        var search = search
        while !search.next.isEmpty {
            rounds += 1
            for request in search.next { search.record(request.answered(answer(request))) }
        }
        return search
    }
}
