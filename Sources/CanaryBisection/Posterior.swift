// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The probability of each suspect: the environment, each commit, none of them.
///
/// Suspects are numbered like positions: if suspect `s` is to blame, every position from `s` on is bad. So 0 is the
/// environment, 1 to N are the commits, and N + 1 means that nothing is broken.
package struct Posterior: Hashable, Sendable {
    /// The probability of each suspect; they add up to 1.
    package let probabilities: [Double]
    /// The probability that each position is bad: that of all suspects up to it.
    let bad: [Double]
    /// The natural logarithm of the probability of all results together.
    let logEvidence: Double

    /// Computes the posterior by Bayes' rule.
    ///
    /// - Parameter prior: a weight for each suspect, not all of them 0.
    init(prior: [Double], rates: SearchRates, tally: Tally) {
        let likelihoods = Self.logLikelihoods(rates: rates, tally: tally)
        let possible = prior.indices.filter { prior[$0] > 0 }
        let greatest = possible.map { likelihoods[$0] }.max() ?? 0
        // Suspects between two tried positions share one likelihood, so few exponentials are needed.
        var (last, factor) = (Double.nan, 0.0)
        var probabilities = [Double](repeating: 0, count: prior.count)
        var sum = 0.0
        for suspect in possible {
            if likelihoods[suspect] != last {
                last = likelihoods[suspect]
                factor = exp(last - greatest)
            }
            probabilities[suspect] = prior[suspect] * factor
            sum += probabilities[suspect]
        }
        var below = 0.0
        var bad = probabilities
        for suspect in probabilities.indices {
            probabilities[suspect] /= sum
            below += probabilities[suspect]
            bad[suspect] = below
        }
        self.probabilities = probabilities
        self.bad = bad
        logEvidence = log(sum / prior.reduce(0, +)) + greatest
    }

    private static func logLikelihoods(rates: SearchRates, tally: Tally) -> [Double] {
        var counts = Counts()
        counts.add(fails: tally.fails.reduce(0, +), passes: tally.passes.reduce(0, +), isBad: true)
        // The likelihood with the out-of-order failures, by how many of them a suspect explains.
        func likelihoods() -> [Double] {
            (0...tally.outOfOrder.count).map { explained in
                var all = counts
                all.add(fails: explained, passes: 0, isBad: true)
                all.add(fails: tally.outOfOrder.count - explained, passes: 0, isBad: false)
                return rates.logLikelihood(all)
            }
        }
        var current = likelihoods()
        return (0...tally.fails.count).map { suspect in
            if suspect > 0, tally.isTried(suspect - 1) {
                let (fails, passes) = (tally.fails[suspect - 1], tally.passes[suspect - 1])
                counts.add(fails: -fails, passes: -passes, isBad: true)
                counts.add(fails: fails, passes: passes, isBad: false)
                current = likelihoods()
            }
            return current[tally.outOfOrder.isEmpty ? 0 : tally.outOfOrder.count { $0[suspect] }]
        }
    }

    /// The probability that the environment is to blame, so that the base is bad too.
    package var environment: Double { probabilities[0] }

    /// The probability that nothing is broken.
    package var none: Double { probabilities[probabilities.count - 1] }

    /// The probability of each commit, by its number.
    package var commits: ArraySlice<Double> { probabilities.dropFirst().dropLast() }

    /// The most probable suspect; of equals, the lowest.
    var leader: Int { probabilities.indices.max { probabilities[$0] < probabilities[$1] } ?? 0 }

    /// The entropy in bits: how much is still unknown.
    package var entropy: Double { probabilities.reduce(0) { $1 > 0 ? $0 - $1 * log2($1) : $0 } }

    /// The shortest run of commits with the part `share` of the probability of all commits; nil when no commit is possible.
    ///
    /// Of equals, the lowest.
    package func commits(holding share: Double) -> ClosedRange<Int>? {
        let target = commits.reduce(0, +) * share
        guard target > 0 else { return nil }
        var shortest: ClosedRange<Int>?
        var (low, sum) = (1, 0.0)
        for high in commits.indices {
            sum += commits[high]
            while low < high, sum - commits[low] >= target {
                sum -= commits[low]
                low += 1
            }
            if sum >= target, high - low + 1 < shortest?.count ?? .max { shortest = low...high }
        }
        return shortest ?? 1...commits.count
    }
}

/// The number of results at each position; their sequence does not matter.
struct Tally: Hashable, Sendable {
    let fails: [Int]
    let passes: [Int]
    /// For each failure of an out-of-order build: which suspects explain it.
    let outOfOrder: [[Bool]]

    init(positions: Int, results: some Sequence<ProbeResult>, outOfOrder: [[Bool]]) {
        var fails = Array(repeating: 0, count: positions)
        var passes = fails
        for result in results {
            switch result.answer {
            case .pass: passes[result.position] += 1
            case .fail: fails[result.position] += 1
            case .untestable, .error: break
            }
        }
        self.fails = fails
        self.passes = passes
        self.outOfOrder = outOfOrder
    }

    func isTried(_ position: Int) -> Bool { fails[position] + passes[position] > 0 }
}
