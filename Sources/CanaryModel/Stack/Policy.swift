// SPDX-License-Identifier: Apache-2.0

package import CanaryText

/// When red results are reported.
///
/// Values of `policy:` in the stack override all other rules; where it has none, they are nil.
package struct Policy: Hashable, Sendable {
    /// The age of a breakage at which it pages.
    package enum Age: Hashable, Sendable {
        /// A fixed span.
        case span(TimeSpan)
        /// Learned from past episodes of the upstream.
        case learned
    }

    /// How often a failed attempt is run again on the same inputs.
    package var reruns: Int
    /// Age of `page-after`; nil where the stack has none.
    package var pageAfterAge: Age?
    /// Distinct failing heads of `page-after`.
    package var pageAfterHeads: Int
    /// Age of `or-after`.
    package var orAfterAge: TimeSpan
    /// Failing runs of `or-after`.
    package var orAfterRuns: Int
    /// How often a suspected job with a slow schedule is built again.
    package var reprobe: TimeSpan

    /// Makes a policy; the defaults were found by simulation.
    package init(
        reruns: Int = 1, pageAfterAge: Age? = nil, pageAfterHeads: Int = 2, orAfterAge: TimeSpan = .hours(36),
        orAfterRuns: Int = 3, reprobe: TimeSpan = .hours(4)
    ) {
        self.reruns = reruns
        self.pageAfterAge = pageAfterAge
        self.pageAfterHeads = pageAfterHeads
        self.orAfterAge = orAfterAge
        self.orAfterRuns = orAfterRuns
        self.reprobe = reprobe
    }
}
