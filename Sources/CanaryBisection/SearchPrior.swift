// SPDX-License-Identifier: Apache-2.0

import CanaryModel

/// The weight of each suspect before anything is built; see `Posterior`.
enum SearchPrior {
    private static let relevance = 20.0

    /// The weights for `range`.
    ///
    /// - Parameters:
    ///   - isUniform: whether all commits have the same weight.
    ///   - suspected: commits since which a name from the first error is no longer installed.
    ///   - named: commits whose diff contains a name from the first error.
    ///   - refused: commits that cannot be the culprit, because they install the same tree as their parent.
    static func weights(
        of range: SearchRange, isUniform: Bool, suspected: Set<Int>, named: Set<Int> = [], refused: Set<Int>
    ) -> [Double] {
        guard range.count > 0 else { return [] }
        guard suspected.isEmpty else {
            let shares = (1...range.count).map { suspected.contains($0) ? 1.0 : 0 }
            return weights(shares: shares, trust: 0.95, environment: 0.02, none: 0.03, refused: refused)
        }
        let shares = (1...range.count).map {
            (range[$0].isRelevant == true ? relevance : 1) + (named.contains($0) ? relevance : 0)
        }
        let trust = isUniform ? 0 : named.isEmpty ? 0.5 : 0.9
        return weights(shares: shares, trust: trust, environment: 0.15, none: 0.30, refused: refused)
    }

    /// The weights for `commits` of `range`, one of which is needed: builds fail with all of them and pass with none.
    static func partners(_ commits: [Int], of range: SearchRange, isUniform: Bool) -> [Double] {
        let shares = commits.map { range[$0].isRelevant == true ? relevance : 1 }
        return weights(shares: shares, trust: isUniform ? 0 : 0.5, environment: 0.05, none: 0.05, refused: [])
    }

    /// Divides what is left by environment and none: the part `trust` in proportion to `shares`, the rest evenly.
    private static func weights(
        shares: [Double], trust: Double, environment: Double, none: Double, refused: Set<Int>
    ) -> [Double] {
        let (all, sum) = (1 - environment - none, shares.reduce(0, +))
        let commits = shares.indices.map { index in
            refused.contains(index + 1)
                ? 0 : all * (trust * shares[index] / sum + (1 - trust) / Double(shares.count))
        }
        return [environment] + commits + [none]
    }
}
