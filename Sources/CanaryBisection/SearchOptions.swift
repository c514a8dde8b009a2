// SPDX-License-Identifier: Apache-2.0

package import CanaryText
import Foundation

/// The options of a search.
package struct SearchOptions: Hashable, Codable, Sendable {
    /// How many probes run at the same time.
    package var workers = 1
    /// How many probes the search may build, confirmations aside; nil for 4 log2(commits + 2) + 12.
    package var budget: Int?
    /// How probable a suspect must be before it is named, 0 to 1.
    package var confidence = 0.99
    /// Whether all commits are equally suspect, whatever they change.
    package var isUniform = false
    /// The wait before a control that follows a failed control; doubled twice.
    package var controlWait = TimeSpan.minutes(30)
    /// Whether the result is confirmed by more builds.
    package var confirms = false
    /// Positions that have a stored result from before this search.
    package var built: Set<Int> = []
    /// The numbers of the commits since which a name from the first error is no longer installed.
    package var suspected: Set<Int> = []
    /// The numbers of the commits whose diff contains a name from the first error; nil when the diffs were not searched.
    package var named: Set<Int>?
    /// The numbers of the commits that cannot be the culprit, because they install the same tree as their parent.
    package var refused: Set<Int> = []
    /// Whether the base is built first, because nobody called it good; nil is false.
    ///
    /// The search ends if it does not pass.
    package var startsAtBase: Bool?
    /// Whether the base is known to be bad although good passes, which ends the search; nil is false.
    package var isBaseBad: Bool?
    /// Positions that fail with another error than the one that is searched; nil is none.
    ///
    /// Their failures do not count as this failure: these positions cannot be tested.
    package var unlike: Set<Int>?

    /// Makes the default options.
    package init() {}

    /// The parameters of the search over prefixes.
    ///
    /// - Parameter isIsolated: whether a commit is isolated before it is named.
    func parameters(rates: SearchRates, commits: Int, isIsolated: Bool) -> PrefixSearch.Parameters {
        PrefixSearch.Parameters(
            rates: rates, confidence: confidence, budget: budget ?? Int(4 * log2(Double(commits + 2)) + 12),
            workers: max(1, workers), controlWait: controlWait, built: built,
            // With stated rates there is no doubt to remove, and several workers build at both edges anyway.
            needsProof: !rates.isStated && workers <= 1, isIsolated: isIsolated)
    }

    /// What to do about the base before anything else.
    enum BaseStep: Hashable {
        /// Build it.
        case build
        /// End the search with this result.
        case end(SearchResult.Kind)
    }

    /// What to do about the base after `probes`; nil if the search can go on.
    func baseStep(_ probes: [Probe]) -> BaseStep? {
        if isBaseBad == true { return .end(.notMonotone) }
        guard startsAtBase == true else { return nil }
        let answers = probes.filter { $0.point == ProbePoint(prefix: 0) }.map(\.answer)
        if answers.contains(.pass) { return nil }
        let isOver = answers.contains(.untestable) || answers.count { $0 == .fail } >= 2 || answers.count >= 4
        return isOver ? .end(.environment) : .build
    }

    /// The result of `probe`: a failure at a position in `unlike` is none.
    func result(of probe: Probe) -> ProbeResult {
        let result = probe.result
        guard probe.answer == .fail, unlike?.contains(probe.point.prefix) == true else { return result }
        return ProbeResult(position: result.position, answer: .untestable, isControl: false, reused: result.reused)
    }
}
