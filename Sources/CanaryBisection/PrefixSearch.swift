// SPDX-License-Identifier: Apache-2.0

import CanaryText
import Foundation

/// The search over the prefixes of one list of commits: rules.md 3.
///
/// It looks at all trials at once: the same trials give the same step, however they came in.
struct PrefixSearch: Sendable {
    /// What is asked of a search.
    struct Terms: Hashable, Sendable {
        /// How often builds mislead.
        let rates: SearchRates
        /// How probable a suspect must be to be named.
        var confidence: Double
        /// How many probes may be executed.
        let budget: Int
        /// How many probes go at once.
        let workers: Int
        /// The first wait before a control, doubled twice.
        let controlWait: TimeSpan
        /// Positions with a stored result.
        var built: Set<Int>
        /// Whether a commit must have shown itself before it is named; else its probability is enough.
        var needsProof: Bool
        /// Whether what is found is built without the commits of others, before it is named.
        var isIsolated: Bool
    }

    /// How often a commit must have failed, and its parent passed, before it is named.
    struct Proof: Hashable, Sendable {
        let failures: Int
        let passes: Int

        /// Of a commit that is found by prefixes only.
        static let ofPrefixes = Proof(failures: 3, passes: 2)
        /// Of a commit that was isolated as well.
        static let ofIsolated = Proof(failures: 4, passes: 1)
    }

    /// A build with a commit ahead of others: no position, but evidence.
    struct Aside: Hashable, Sendable {
        /// The commit that was ahead.
        let commit: Int
        let answer: ProbeAnswer
        /// For each suspect, whether it should have broken the build.
        let isBad: [Bool]
    }

    /// One position to try.
    struct Ask: Hashable, Sendable {
        let position: Int
        var isControl = false
        var wait: TimeSpan?
    }

    /// How a search ends.
    enum Ending: Hashable, Sendable {
        /// One of these commits, which nothing tells apart.
        case commits(ClosedRange<Int>)
        case none
        case environment
        case unresolved
        case notMonotone
    }

    /// What comes next.
    enum Step: Hashable, Sendable {
        case ask([Ask])
        case ended(Ending)
    }

    /// How probable each suspect is.
    let posterior: Posterior
    /// What was tried, and counts.
    let trials: ProbeResults
    private let tally: Tally
    private let asides: [Aside]
    /// ProbeResults of other searches over the same positions.
    private let others: [ProbeResult]
    private let prior: [Double]
    private let terms: Terms
    private let testable: [Int]

    /// - Parameters:
    ///   - prior: a weight for each suspect; see `Posterior`.
    ///   - trials: in the sequence in which they were begun.
    ///   - others: of another search over the same positions: evidence, but no part of the sequence.
    ///   - asides: builds with a commit ahead of others.
    init(prior: [Double], terms: Terms, trials: [ProbeResult], others: [ProbeResult] = [], asides: [Aside] = []) {
        let trials = ProbeResults(trials)
        let prior = Self.doubted(prior, by: asides)
        self.others = others
        self.asides = asides
        self.prior = prior
        self.terms = terms
        self.trials = trials
        tally = Tally(
            positions: prior.count - 1, trials: trials.kept + others,
            asides: asides.filter { $0.answer == .fail }.map(\.isBad))
        posterior = Posterior(prior: prior, rates: terms.rates, tally: tally)
        let positions = 0..<prior.count - 1
        testable =
            trials.untestable.isEmpty ? Array(positions) : positions.filter { !trials.untestable.contains($0) }
    }

    /// How probable it is that a commit breaks nothing without others.
    private static let company = 0.07

    /// The weights after builds with a commit ahead that passed: a suspect that should have broken one needs others.
    private static func doubted(_ prior: [Double], by asides: [Aside]) -> [Double] {
        let passes = Dictionary(grouping: asides.filter { $0.answer == .pass }, by: \.commit)
        return passes.values.reduce(prior) { prior, passes in
            prior.indices.map { suspect in
                passes.contains { $0.isBad[suspect] } ? prior[suspect] * company : prior[suspect]
            }
        }
    }

    /// What to try next, or how it ended.
    var step: Step {
        guard let base = testable.first else { return .ended(.unresolved) }
        if trials.badControls == Self.controls { return .ended(base == 0 ? .environment : .unresolved) }
        if trials.badControls > 0 { return ask([control]) }
        if isOutageLikely { return ask(Array(asks.dropLast()) + [control]) }
        if isNotMonotone { return .ended(.notMonotone) }
        let (suspects, probability) = leaders
        guard probability >= terms.confidence else { return ask(asks) }
        // That the base is bad too is for controls to say, not for a probability.
        if suspects.contains(0) { return base == 0 ? ask([control]) : .ended(.unresolved) }
        if suspects.contains(prior.count - 1) { return .ended(suspects.count == 1 ? .none : .unresolved) }
        guard !terms.isIsolated, let edge = unprovenEdge(of: suspects, by: .ofPrefixes) else {
            return .ended(.commits(suspects))
        }
        return ask([Ask(position: edge)])
    }

    /// Asks as far as the budget goes.
    private func ask(_ asks: [Ask]) -> Step {
        let room = terms.budget - trials.executed
        return room > 0 ? .ask(Array(asks.suffix(room))) : .ended(.unresolved)
    }

    // MARK: - What to try

    private static let controls = 4

    /// The base, or the lowest position that can be asked in its place.
    private var control: Ask {
        let wait = trials.badControls == 0 ? nil : terms.controlWait.seconds << (trials.badControls - 1)
        return Ask(position: testable.first ?? 0, isControl: true, wait: wait.map(TimeSpan.init(seconds:)))
    }

    /// For one worker the position that tells most, for several those that cut the posterior into equal parts.
    ///
    /// The lowest comes last: when it passes, the failures of the same round are no outage.
    private var asks: [Ask] {
        guard terms.workers > 1 else { return [Ask(position: best)] }
        return (1...terms.workers).reversed().map { part in
            let share = Double(part) / Double(terms.workers + 1)
            var nearest = testable[0]
            for position in testable where abs(posterior.bad[position] - share) < abs(posterior.bad[nearest] - share) {
                nearest = position
            }
            return Ask(position: nearest)
        }
    }

    /// The position that tells most, the lowest of equals; among nearly equal ones, one with a stored result that was
    /// not yet taken.
    private var best: Int {
        let taken = Set(trials.kept.map(\.position))
        var (best, most) = (testable[0], -1.0)
        for position in testable {
            let bits = bits(at: position)
            if bits > most { (best, most) = (position, bits) }
        }
        var (stored, mostStored) = (best, 0.95 * most)
        for position in testable where terms.built.contains(position) && !taken.contains(position) {
            let bits = bits(at: position)
            if bits > mostStored { (stored, mostStored) = (position, bits) }
        }
        return stored
    }

    /// The bits that a probe at `position` is expected to tell.
    ///
    /// Near a position that cannot be asked, the next probably cannot either.
    private func bits(at position: Int) -> Double {
        let bits = terms.rates.information(bad: posterior.bad[position])
        guard !trials.untestable.isEmpty, !tally.isTried(position) else { return bits }
        let distance = trials.untestable.reduce(Int.max) { min($0, abs($1 - position)) }
        return bits * (1 - pow(0.5, Double(distance)))
    }

    /// How many more builds are expected: what is unknown, by what the next one tells, and two to be sure.
    var expectedBuilds: Int {
        let unknown = posterior.entropy
        return max(1, Int((unknown / max(bits(at: best), 0.1) + min(2, 2 * unknown)).rounded(.up)))
    }

    // MARK: - When something is wrong

    /// Whether three failures in a row or more are an outage rather than chance.
    ///
    /// They are when the base is probably bad too, and when so many in a row were so improbable that an outage explains
    /// them about as well. Halving a range often fails three times, and each control costs a build. With stated rates,
    /// and when several builds fail at once, it takes more.
    private var isOutageLikely: Bool {
        guard trials.streak >= 3 else { return false }
        if posterior.environment >= 0.5 { return true }
        let before = Tally(
            positions: tally.fails.count, trials: trials.kept.dropLast(trials.streak) + others,
            asides: tally.asides)
        let expected = Posterior(prior: prior, rates: terms.rates, tally: before)
        let surprise = exp(expected.logEvidence - posterior.logEvidence)
        return surprise >= (terms.rates.isStated || terms.workers > 1 ? 100 : 14)
    }

    /// Whether the most probable suspect explains the results 10,000 times worse than it would with some neighbouring
    /// positions turned: bad ones among the good, or good ones among the bad.
    private var isNotMonotone: Bool {
        let leader = posterior.leader
        var (counts, run, worst) = (Counts(), Run(), Run())
        for position in tally.fails.indices where tally.isTried(position) {
            let (fails, passes, isBad) = (tally.fails[position], tally.passes[position], position >= leader)
            counts.add(fails: fails, passes: passes, isBad: isBad)
            if run.isBad != isBad || run.odds <= 0 { run = Run(isBad: isBad) }
            run.odds += terms.rates.logOddsOfBad(fails: fails, passes: passes) * (isBad ? -1 : 1)
            run.fails += fails
            run.passes += passes
            if run.odds > worst.odds { worst = run }
        }
        var turned = counts
        turned.add(fails: -worst.fails, passes: -worst.passes, isBad: worst.isBad)
        turned.add(fails: worst.fails, passes: worst.passes, isBad: !worst.isBad)
        return terms.rates.logLikelihood(turned) - terms.rates.logLikelihood(counts) > log(1e4)
    }

    /// Neighbouring positions, and how much they speak against the most probable suspect.
    private struct Run {
        var isBad = false
        var odds = 0.0
        var fails = 0
        var passes = 0
    }

    /// The first and the last place where results turn, by what prevails at each position.
    var turns: [SearchEdge] {
        let tried = tally.fails.indices.filter(tally.isTried)
        let isBad = tried.map { terms.rates.logOddsOfBad(fails: tally.fails[$0], passes: tally.passes[$0]) > 0 }
        let turns = tried.indices.dropLast().filter { isBad[$0] != isBad[$0 + 1] }
            .map { SearchEdge(before: tried[$0], behind: tried[$0 + 1]) }
        return turns.count > 2 ? [turns[0], turns[turns.count - 1]] : turns
    }

    // MARK: - When it ends

    /// The suspects that no testable position tells from the most probable one, and how probable they are together.
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

    /// The last good and the first bad position around suspects that nothing tells apart.
    func edges(of suspects: ClosedRange<Int>) -> (good: Int, bad: Int) {
        (suspects.lowerBound - 1, suspects.upperBound)
    }

    /// Where to build once more before commits are named.
    ///
    /// Failures at later positions make a commit probable, and so do accidents there.
    func unprovenEdge(of suspects: ClosedRange<Int>, by proof: Proof) -> Int? {
        guard terms.needsProof else { return nil }
        let (good, bad) = edges(of: suspects)
        let failures = tally.fails[bad] + asides.count { $0.commit == bad && $0.answer == .fail }
        if failures < proof.failures { return bad }
        return tally.passes[good] < proof.passes ? good : nil
    }
}
