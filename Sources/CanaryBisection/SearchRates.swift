// SPDX-License-Identifier: Apache-2.0

import Foundation

/// How often builds mislead.
///
/// Stated rates are used as they are. A flake rate that is only assumed may be far off, so a search considers several:
/// probably lower, perhaps much higher. Otherwise the result for a job that flakes more often than assumed would claim
/// too much confidence.
package struct SearchRates: Hashable, Codable, Sendable {
    /// The chance that a good build fails: above 0, below one half.
    package let flake: Double
    /// The chance that a bad build passes: above 0, below one half.
    package let miss: Double
    /// Whether the flake rate was stated.
    package let isStated: Bool

    /// Makes rates.
    ///
    /// - Parameters:
    ///   - learned: the job's flake rate, where none is stated.
    ///   - flake: the flake rate, where somebody states it.
    ///   - miss: the rate of bad builds that pass, where somebody states it.
    package init(learned: Double = 0, flake: Double? = nil, miss: Double? = nil) {
        self.flake = Self.within(flake ?? max(0.10, 1.5 * learned))
        self.miss = Self.within(miss ?? 0.03)
        isStated = flake != nil
    }

    private static let largest = 0.45

    /// Nothing is impossible, and no build misleads as often as it is right.
    private static func within(_ rate: Double) -> Double { min(max(rate, 1e-6), largest) }

    /// The possible flake rates, with weights that add up to 1.
    private var flakes: [(rate: Double, weight: Double)] {
        guard !isStated else { return [(flake, 1)] }
        return [(flake / 6, 0.65), (flake, 0.19), (min(2.5 * flake, Self.largest), 0.16)]
    }

    /// The natural logarithm of the chance of exactly these results.
    func logLikelihood(_ counts: Counts) -> Double {
        let accidents = flakes.map { flake in
            log(flake.weight) + Double(counts.failing) * log(flake.rate)
                + Double(counts.good - counts.failing) * log(1 - flake.rate)
        }
        // The chances themselves may be too small for a floating-point number.
        let greatest = accidents.max() ?? 0
        let sum = accidents.reduce(0) { $0 + exp($1 - greatest) }
        return greatest + log(sum) + Double(counts.passing) * log(miss)
            + Double(counts.bad - counts.passing) * log(1 - miss)
    }

    /// How much better bad builds explain these results than good builds do, as a natural logarithm.
    func logOddsOfBad(fails: Int, passes: Int) -> Double {
        Double(fails) * log((1 - miss) / flake) - Double(passes) * log((1 - flake) / miss)
    }

    /// The expected information of a build that is bad with chance `bad`, in bits.
    func information(bad: Double) -> Double {
        let failing = bad * (1 - miss) + (1 - bad) * flake
        return Self.entropy(failing) - bad * Self.entropy(miss) - (1 - bad) * Self.entropy(flake)
    }

    private static func entropy(_ chance: Double) -> Double {
        guard chance > 0, chance < 1 else { return 0 }
        return -chance * log2(chance) - (1 - chance) * log2(1 - chance)
    }
}

/// Counts of results, by whether the builds are assumed to be good or bad.
struct Counts: Hashable, Sendable {
    /// Good builds.
    private(set) var good = 0
    /// Good builds that failed.
    private(set) var failing = 0
    /// Bad builds.
    private(set) var bad = 0
    /// Bad builds that passed.
    private(set) var passing = 0

    /// Adds results, or removes them when the counts are negative.
    mutating func add(fails: Int, passes: Int, isBad: Bool) {
        if isBad {
            (bad, passing) = (bad + fails + passes, passing + passes)
        } else {
            (good, failing) = (good + fails + passes, failing + fails)
        }
    }
}
