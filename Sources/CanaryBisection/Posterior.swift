// SPDX-License-Identifier: Apache-2.0

import Foundation

/// How probable each suspect is: the environment, each commit, nobody.
///
/// Suspects are numbered like positions: under suspect `s` every position from `s` on is bad. So 0 is the environment,
/// 1 to N are the commits, and N + 1 stands for nobody.
package struct Posterior: Hashable, Sendable {
    /// One probability for each suspect; they add up to 1.
    package let probabilities: [Double]
    /// At each position, the chance that it is bad: the probability of the suspects up to it.
    let bad: [Double]
    /// The natural logarithm of the chance of all results together.
    let logEvidence: Double

    /// Weighs results by Bayes.
    ///
    /// - Parameter prior: a weight for each suspect, not all of them 0.
    init(prior: [Double], rates: SearchRates, tally: Tally) {
        let likelihoods = Self.logLikelihoods(rates: rates, tally: tally)
        let possible = prior.indices.filter { prior[$0] > 0 }
        let greatest = possible.map { likelihoods[$0] }.max() ?? 0
        // Suspects between two tried positions share one likelihood: few exponentials, many products.
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
        // What failures at no position add, by how many of them a suspect explains.
        func weighed() -> [Double] {
            (0...tally.asides.count).map { explained in
                var all = counts
                all.add(fails: explained, passes: 0, isBad: true)
                all.add(fails: tally.asides.count - explained, passes: 0, isBad: false)
                return rates.logLikelihood(all)
            }
        }
        var current = weighed()
        return (0...tally.fails.count).map { suspect in
            if suspect > 0, tally.isTried(suspect - 1) {
                let (fails, passes) = (tally.fails[suspect - 1], tally.passes[suspect - 1])
                counts.add(fails: -fails, passes: -passes, isBad: true)
                counts.add(fails: fails, passes: passes, isBad: false)
                current = weighed()
            }
            return current[tally.asides.isEmpty ? 0 : tally.asides.count { $0[suspect] }]
        }
    }

    /// How probable it is that the environment is to blame: that the base is bad too.
    package var environment: Double { probabilities[0] }

    /// How probable it is that nothing is broken.
    package var none: Double { probabilities[probabilities.count - 1] }

    /// How probable each commit is, by its number.
    package var commits: ArraySlice<Double> { probabilities.dropFirst().dropLast() }

    /// The most probable suspect, the lowest of equals.
    var leader: Int { probabilities.indices.max { probabilities[$0] < probabilities[$1] } ?? 0 }

    /// How much is still unknown, in bits.
    package var entropy: Double { probabilities.reduce(0) { $1 > 0 ? $0 - $1 * log2($1) : $0 } }

    /// The shortest run of commits that holds `share` of what all commits hold together, the lowest of equals; nil when
    /// no commit is possible.
    package func commits(holding share: Double) -> ClosedRange<Int>? {
        let wanted = commits.reduce(0, +) * share
        guard wanted > 0 else { return nil }
        var shortest: ClosedRange<Int>?
        var (low, held) = (1, 0.0)
        for high in commits.indices {
            held += commits[high]
            while low < high, held - commits[low] >= wanted {
                held -= commits[low]
                low += 1
            }
            if held >= wanted, high - low + 1 < shortest?.count ?? .max { shortest = low...high }
        }
        return shortest ?? 1...commits.count
    }
}

/// The results at each position, counted: their sequence does not matter.
struct Tally: Hashable, Sendable {
    let fails: [Int]
    let passes: [Int]
    /// For each failure at a point that is no position: which suspects explain it.
    let asides: [[Bool]]

    init(positions: Int, trials: some Sequence<ProbeResult>, asides: [[Bool]]) {
        var fails = Array(repeating: 0, count: positions)
        var passes = fails
        for trial in trials {
            switch trial.answer {
            case .pass: passes[trial.position] += 1
            case .fail: fails[trial.position] += 1
            case .untestable, .error: break
            }
        }
        self.fails = fails
        self.passes = passes
        self.asides = asides
    }

    func isTried(_ position: Int) -> Bool { fails[position] + passes[position] > 0 }
}
