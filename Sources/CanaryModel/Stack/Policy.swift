// SPDX-License-Identifier: Apache-2.0

package import CanaryText

/// When red results become news.
///
/// What the stack's `policy:` names wins over every other rule; the rest is nil.
package struct Policy: Hashable, Sendable {
    /// The age a breakage must reach before it pages.
    package enum Age: Hashable, Sendable {
        /// A fixed span.
        case span(TimeSpan)
        /// Learned from the ended episodes of the upstream.
        case learned
    }

    /// How often a failed attempt is run again on the same inputs.
    package var reruns: Int
    /// Age of `page-after`, where the stack writes one.
    package var pageAfterAge: Age?
    /// Distinct failing heads of `page-after`.
    package var pageAfterHeads: Int
    /// Age of `or-after`.
    package var orAfterAge: TimeSpan
    /// Failing runs of `or-after`.
    package var orAfterRuns: Int
    /// How often a suspected job of a slow cadence is probed again.
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
