// SPDX-License-Identifier: Apache-2.0

import CanaryText
import Foundation

/// The search over the prefixes of one list of commits.
///
/// It decides from all results at once: the same results give the same step, in whatever order they arrived.
struct PrefixSearch: Sendable {
    /// What the search has to reach, and by what means.
    struct Parameters: Hashable, Sendable {
        /// How often builds mislead.
        let rates: SearchRates
        /// How probable a suspect must be before it is named, 0 to 1.
        var confidence: Double
        /// How many probes may be built.
        let budget: Int
        /// How many probes run at the same time.
        let workers: Int
        /// The wait before the second control; doubled twice.
        let controlWait: TimeSpan
        /// Positions that have a stored result.
        var built: Set<Int>
        /// Whether a commit must have failed, and its parent passed, before it is named; otherwise its probability is enough.
        var needsProof: Bool
        /// Whether a commit is built without the commits of other projects before it is named.
        var isIsolated: Bool
    }

    /// How often a commit must have failed, and its parent must have passed, before it is named.
    struct Proof: Hashable, Sendable {
        let failures: Int
        let passes: Int

        /// For a commit that was found by prefixes only.
        static let ofPrefixes = Proof(failures: 3, passes: 2)
        /// For a commit that was isolated as well.
        static let ofIsolated = Proof(failures: 4, passes: 1)
        /// For a search that needs no proof: the commit and its parent are built all the same.
        static let least = Proof(failures: 1, passes: 1)
    }

    /// The result of a build with a commit ahead of its turn: it has no position, but is evidence.
    struct OutOfOrderResult: Hashable, Sendable {
        /// The number of the commit that was ahead.
        let commit: Int
        let answer: ProbeAnswer
        /// For each suspect, whether it should have broken this build.
        let isBad: [Bool]
    }

    /// One position to build.
    struct PositionProbe: Hashable, Sendable {
        let position: Int
        var isControl = false
        var wait: TimeSpan?
    }

    /// How a search ends.
    enum Ending: Hashable, Sendable {
        /// One of these commits, which cannot be distinguished.
        case commits(ClosedRange<Int>)
        case none
        case environment
        case unresolved
        case notMonotone
    }

    /// What comes next.
    enum Step: Hashable, Sendable {
        case probe([PositionProbe])
        case ended(Ending)
    }

    /// The probability of each suspect.
    let posterior: Posterior
    /// The results of this search.
    let results: ProbeResults
    private let tally: Tally
    private let outOfOrder: [OutOfOrderResult]
    /// Results of other searches over the same positions.
    private let others: [ProbeResult]
    private let prior: [Double]
    private let parameters: Parameters
    private let testable: [Int]

    /// - Parameters:
    ///   - prior: a weight for each suspect; see `Posterior`.
    ///   - results: in the sequence in which they were started.
    ///   - others: results of another search over the same positions: evidence, but not part of the sequence.
    ///   - outOfOrder: results of builds with a commit ahead of its turn.
    init(
        prior: [Double], parameters: Parameters, results: [ProbeResult], others: [ProbeResult] = [],
        outOfOrder: [OutOfOrderResult] = []
    ) {
        let results = ProbeResults(results)
        let prior = Self.discounted(prior, by: outOfOrder)
        self.others = others
        self.outOfOrder = outOfOrder
        self.prior = prior
        self.parameters = parameters
        self.results = results
        tally = Tally(
            positions: prior.count - 1, results: results.counted + others,
            outOfOrder: outOfOrder.filter { $0.answer == .fail }.map(\.isBad))
        posterior = Posterior(prior: prior, rates: parameters.rates, tally: tally)
        let positions = 0..<prior.count - 1
        testable =
            results.untestable.isEmpty ? Array(positions) : positions.filter { !results.untestable.contains($0) }
    }

    /// The probability that a commit breaks nothing without other commits.
    private static let needingOthers = 0.07

    /// The prior after out-of-order builds that passed: a suspect that should have broken one of them needs others.
    private static func discounted(_ prior: [Double], by outOfOrder: [OutOfOrderResult]) -> [Double] {
        let passes = Dictionary(grouping: outOfOrder.filter { $0.answer == .pass }, by: \.commit)
        return passes.values.reduce(prior) { prior, passes in
            prior.indices.map { suspect in
                passes.contains { $0.isBad[suspect] } ? prior[suspect] * needingOthers : prior[suspect]
            }
        }
    }

    /// What to build next, or how the search ended.
    var step: Step {
        guard let base = testable.first else { return .ended(.unresolved) }
        if results.badControls == Self.controls { return .ended(base == 0 ? .environment : .unresolved) }
        if results.badControls > 0 { return probe([control]) }
        if isOutageLikely { return probe(Array(probes.dropLast()) + [control]) }
        if isNotMonotone { return .ended(.notMonotone) }
        let (suspects, probability) = leaders
        guard probability >= parameters.confidence else { return probe(probes) }
        // Only controls can show that the base is bad too; a probability is not enough.
        if suspects.contains(0) { return base == 0 ? probe([control]) : .ended(.unresolved) }
        if suspects.contains(prior.count - 1) { return .ended(suspects.count == 1 ? .none : .unresolved) }
        guard !parameters.isIsolated, let edge = unprovenEdge(of: suspects, by: .ofPrefixes) else {
            return .ended(.commits(suspects))
        }
        return probe([PositionProbe(position: edge)])
    }

    /// Probes as far as the budget goes.
    private func probe(_ probes: [PositionProbe]) -> Step {
        let budget = parameters.budget - results.executed
        return budget > 0 ? .probe(Array(probes.suffix(budget))) : .ended(.unresolved)
    }

    // MARK: - What to build

    private static let controls = 4

    /// A build of the base, or of the lowest testable position in its place.
    private var control: PositionProbe {
        let wait = results.badControls == 0 ? nil : parameters.controlWait.seconds << (results.badControls - 1)
        return PositionProbe(position: testable.first ?? 0, isControl: true, wait: wait.map(TimeSpan.init(seconds:)))
    }

    /// For one worker the most informative position, for several the ones that cut the posterior into equal parts.
    ///
    /// The lowest comes last: when it passes, the failures of the same round were not an outage.
    private var probes: [PositionProbe] {
        guard parameters.workers > 1 else { return [PositionProbe(position: best)] }
        return (1...parameters.workers).reversed().map { part in
            let share = Double(part) / Double(parameters.workers + 1)
            var nearest = testable[0]
            for position in testable where abs(posterior.bad[position] - share) < abs(posterior.bad[nearest] - share) {
                nearest = position
            }
            return PositionProbe(position: nearest)
        }
    }

    /// The most informative position, of equals the lowest; among nearly equal ones, one whose stored result was not used
    /// yet.
    private var best: Int {
        let used = Set(results.counted.map(\.position))
        var (best, most) = (testable[0], -1.0)
        for position in testable {
            let bits = bits(at: position)
            if bits > most { (best, most) = (position, bits) }
        }
        var (stored, mostStored) = (best, 0.95 * most)
        for position in testable where parameters.built.contains(position) && !used.contains(position) {
            let bits = bits(at: position)
            if bits > mostStored { (stored, mostStored) = (position, bits) }
        }
        return stored
    }

    /// The expected information of a probe at `position`, in bits.
    ///
    /// Positions near an untestable one are probably untestable too.
    private func bits(at position: Int) -> Double {
        let bits = parameters.rates.information(bad: posterior.bad[position])
        guard !results.untestable.isEmpty, !tally.isTried(position) else { return bits }
        let distance = results.untestable.reduce(Int.max) { min($0, abs($1 - position)) }
        return bits * (1 - pow(0.5, Double(distance)))
    }

    /// How many more builds are expected: the entropy divided by the information of the next build, and two to be sure.
    var expectedBuilds: Int {
        let unknown = posterior.entropy
        return max(1, Int((unknown / max(bits(at: best), 0.1) + min(2, 2 * unknown)).rounded(.up)))
    }

    // MARK: - When something is wrong

    /// Whether three or more failures in a row are an outage rather than chance.
    ///
    /// They are when the base is probably bad too, or when they were so improbable that an outage explains them about as
    /// well. Halving a range often fails three times in a row, and each control costs a build, so with stated rates, and
    /// with several builds at a time, the failures must be less probable.
    private var isOutageLikely: Bool {
        guard results.streak >= 3 else { return false }
        if posterior.environment >= 0.5 { return true }
        let before = Tally(
            positions: tally.fails.count, results: results.counted.dropLast(results.streak) + others,
            outOfOrder: tally.outOfOrder)
        let expected = Posterior(prior: prior, rates: parameters.rates, tally: before)
        let surprise = exp(expected.logEvidence - posterior.logEvidence)
        return surprise >= (parameters.rates.isStated || parameters.workers > 1 ? 100 : 14)
    }

    /// Whether the most probable suspect explains the results 10,000 times worse than it would if a block of neighbouring
    /// positions were flipped, from bad to good or from good to bad.
    private var isNotMonotone: Bool {
        let leader = posterior.leader
        var (counts, block, worst) = (Counts(), Block(), Block())
        for position in tally.fails.indices where tally.isTried(position) {
            let (fails, passes, isBad) = (tally.fails[position], tally.passes[position], position >= leader)
            counts.add(fails: fails, passes: passes, isBad: isBad)
            if block.isBad != isBad || block.odds <= 0 { block = Block(isBad: isBad) }
            block.odds += parameters.rates.logOddsOfBad(fails: fails, passes: passes) * (isBad ? -1 : 1)
            block.fails += fails
            block.passes += passes
            if block.odds > worst.odds { worst = block }
        }
        var flipped = counts
        flipped.add(fails: -worst.fails, passes: -worst.passes, isBad: worst.isBad)
        flipped.add(fails: worst.fails, passes: worst.passes, isBad: !worst.isBad)
        return parameters.rates.logLikelihood(flipped) - parameters.rates.logLikelihood(counts) > log(1e4)
    }

    /// Neighbouring positions, and how strongly they contradict the most probable suspect.
    private struct Block {
        var isBad = false
        var odds = 0.0
        var fails = 0
        var passes = 0
    }

    /// The first and the last edge between results, by the more frequent result at each position.
    var resultEdges: [SearchEdge] {
        let tried = tally.fails.indices.filter(tally.isTried)
        let isBad = tried.map { parameters.rates.logOddsOfBad(fails: tally.fails[$0], passes: tally.passes[$0]) > 0 }
        let edges = tried.indices.dropLast().filter { isBad[$0] != isBad[$0 + 1] }
            .map { SearchEdge(before: tried[$0], after: tried[$0 + 1]) }
        return edges.count > 2 ? [edges[0], edges[edges.count - 1]] : edges
    }

    // MARK: - When it ends

    /// The most probable suspects that no testable position can distinguish, and how probable they are together.
    private var leaders: (suspects: ClosedRange<Int>, probability: Double) {
        var best = (suspects: 0...0, probability: -1.0)
        var low = 0
        for high in testable + [prior.count - 1] {
            let probability = posterior.bad[high] - (low > 0 ? posterior.bad[low - 1] : 0)
            if probability > best.probability { best = (low...high, probability) }
            low = high + 1
        }
        return best
    }

    /// The last good and the first bad position around suspects that cannot be distinguished.
    func edges(of suspects: ClosedRange<Int>) -> (good: Int, bad: Int) {
        (suspects.lowerBound - 1, suspects.upperBound)
    }

    /// The position to build again before the suspects are named; nil when they are proven.
    ///
    /// A commit can become probable by failures at later positions alone, and those may be flakes.
    func unprovenEdge(of suspects: ClosedRange<Int>, by proof: Proof) -> Int? {
        let proof = parameters.needsProof ? proof : .least
        let (good, bad) = edges(of: suspects)
        let failures = tally.fails[bad] + outOfOrder.count { $0.commit == bad && $0.answer == .fail }
        if failures < proof.failures { return bad }
        return tally.passes[good] < proof.passes ? good : nil
    }
}
