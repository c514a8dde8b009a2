// SPDX-License-Identifier: Apache-2.0

package import CanaryText
import Foundation

/// What may be asked of a search.
package struct SearchOptions: Hashable, Codable, Sendable {
    /// How many probes go at once.
    package var workers = 1
    /// How many probes the search itself may execute; nil for 4 log2(commits + 2) + 12.
    package var budget: Int?
    /// How probable a suspect must be to be named.
    package var confidence = 0.99
    /// Whether all commits weigh the same, whatever they touch.
    package var isUniform = false
    /// The wait before a control that follows a failed one; doubled twice.
    package var controlWait = TimeSpan.minutes(30)
    /// Whether what was found is confirmed.
    package var confirms = false
    /// Positions with a stored result of before this search.
    package var built: Set<Int> = []
    /// Commits that took a name of the first error out of what is installed.
    package var suspected: Set<Int> = []
    /// Commits whose diff contains a name that the first error speaks of; nil where nobody looked.
    package var named: Set<Int>?
    /// Commits that cannot be the culprit, because they install the same tree as their parent.
    package var refused: Set<Int> = []

    /// The defaults.
    package init() {}

    /// How the search over prefixes is to go.
    ///
    /// - Parameter isIsolated: whether what it finds is isolated before it is named.
    func terms(rates: SearchRates, commits: Int, isIsolated: Bool) -> PrefixSearch.Terms {
        PrefixSearch.Terms(
            rates: rates, confidence: confidence, budget: budget ?? Int(4 * log2(Double(commits + 2)) + 12),
            workers: max(1, workers), controlWait: controlWait, built: built,
            // Stated rates leave no doubt, and several workers build at both edges anyway.
            needsProof: !rates.isStated && workers <= 1, isIsolated: isIsolated)
    }
}
