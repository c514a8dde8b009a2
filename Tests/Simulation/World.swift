// SPDX-License-Identifier: Apache-2.0

package import CanaryBisection
import CanaryModel
import Foundation

/// A simulated history: it is known what breaks the build and how often builds mislead.
package struct World: Sendable {
    /// What is broken.
    package enum Truth: Hashable, Sendable {
        /// One commit.
        case culprit(Int)
        /// Two commits together, neither of them alone.
        case pair(Int, Int)
        /// Nothing: the failure was a flake.
        case nothing
        /// Everything fails, even the base.
        case environment
    }

    /// The commits between good and bad.
    package let range: SearchRange
    /// What is broken.
    package var truth: Truth
    /// The chance that a good build fails.
    package var flake = 0.0
    /// Pairs of commits that only build together.
    package var companions: [(Int, Int)] = []
    /// Whether outages make four builds in a row fail, one build in twenty.
    package var hasOutages = false
    /// When set, the n-th build of a position always ends the same, whoever builds it and in whatever order.
    package var fate: UInt64?

    /// Makes a world.
    package init(range: SearchRange, truth: Truth, flake: Double = 0) {
        self.range = range
        self.truth = truth
        self.flake = flake
    }

    /// Commits of one project or of several in random order; `relevant` percent of them change what downstreams see.
    package static func range(
        _ count: Int, projects: Int = 1, relevant: Int = 0, _ random: inout SplitMix64
    ) -> SearchRange {
        SearchRange(
            (1...count).map { number in
                Commit(
                    project: "p\(Int.random(in: 1...projects, using: &random))", revision: "r\(number)",
                    committedAt: Date(timeIntervalSince1970: Double(number)), isRelevant: random.chance(relevant))
            })
    }

    /// One culprit anywhere among the commits of one project.
    package static func line(
        _ count: Int, flake: Double = 0, hasOutages: Bool = false, _ random: inout SplitMix64
    ) -> World {
        let range = range(count, &random)
        var world = World(range: range, truth: .culprit(Int.random(in: 1...count, using: &random)), flake: flake)
        world.hasOutages = hasOutages
        return world
    }

    /// One culprit among the commits of several projects, and `pairs` of neighbouring commits of two projects that only
    /// build together.
    package static func family(
        _ count: Int, projects: Int, flake: Double = 0, pairs: Int = 0, _ random: inout SplitMix64
    ) -> World {
        let range = range(count, projects: projects, &random)
        var world = World(range: range, truth: .culprit(Int.random(in: 1...count, using: &random)), flake: flake)
        while world.companions.count < pairs {
            let first = Int.random(in: 1..<count, using: &random)
            let second = min(count, first + Int.random(in: 1...2, using: &random))
            if range[first].project != range[second].project { world.companions.append((first, second)) }
        }
        return world
    }

    /// Two commits of different projects that break only together.
    package static func couple(
        _ count: Int, projects: Int, flake: Double = 0, _ random: inout SplitMix64
    ) -> World {
        let range = range(count, projects: projects, &random)
        var (first, second) = (1, 1)
        while range[first].project == range[second].project {
            first = Int.random(in: 1...count, using: &random)
            second = Int.random(in: 1...count, using: &random)
        }
        return World(range: range, truth: .pair(min(first, second), max(first, second)), flake: flake)
    }

    func isTestable(_ point: ProbePoint) -> Bool {
        companions.allSatisfy { range.includes($0.0, at: point) == range.includes($0.1, at: point) }
    }

    func isBad(_ point: ProbePoint) -> Bool {
        switch truth {
        case .culprit(let commit): range.includes(commit, at: point)
        case .pair(let first, let second): range.includes(first, at: point) && range.includes(second, at: point)
        case .nothing: false
        case .environment: true
        }
    }

    /// Whether `result` is exactly what is true.
    package func isRight(_ result: SearchResult?) -> Bool {
        guard let result else { return false }
        let named = (result.kind == .culprit || result.kind == .set) ? result.suspects.map(\.number) : []
        switch truth {
        case .culprit(let commit): return named.contains(commit)
        case .pair(let first, let second):
            guard named == [second], case .pair(let other) = result.isolation else { return false }
            return other.number == first
        case .nothing: return result.kind == .flake
        case .environment: return result.kind == .environment
        }
    }
}
