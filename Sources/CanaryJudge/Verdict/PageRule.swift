// SPDX-License-Identifier: Apache-2.0

package import CanaryModel
import CanaryText
package import Foundation

/// When a suspected job is paged: the policy's `page-after` or `or-after`.
package struct PageRule: Hashable, Sendable {
    /// A longer gap between runs, in seconds, is a slow cadence.
    private static let slowCadence: TimeInterval = 6 * 3600
    private static let usualAge: TimeInterval = 18 * 3600
    private static let slowAge: TimeInterval = 12 * 3600

    /// The age that `page-after` requires, in seconds.
    package let age: TimeInterval
    /// The number of different failing inputs that `page-after` requires.
    package let heads: Int
    /// The age that `or-after` requires, in seconds.
    package let otherAge: TimeInterval
    /// The number of failing runs that `or-after` requires.
    package let runs: Int
    /// Seconds after its last run at which a suspected job runs again; nil if the cadence is fast enough.
    package let reprobe: TimeInterval?

    /// Creates the rule of `policy`.
    ///
    /// - Parameters:
    ///   - cadence: seconds between two runs; nil if not known.
    ///   - learned: the age learned for the upstreams that may have broken the job; used only if the policy says so.
    package init(_ policy: Policy, cadence: TimeInterval? = nil, learned: TimeInterval? = nil) {
        let isSlow = cadence.map { $0 > Self.slowCadence } ?? false
        let usual = isSlow ? Self.slowAge : Self.usualAge
        age =
            switch policy.pageAfterAge {
            case .span(let span): TimeInterval(span.seconds)
            case .learned: learned ?? usual
            case nil: usual
            }
        heads = policy.pageAfterHeads
        otherAge = TimeInterval(policy.orAfterAge.seconds)
        runs = policy.orAfterRuns
        reprobe = isSlow ? TimeInterval(policy.reprobe.seconds) : nil
    }

    /// Whether `episode` is old enough at `date` and has failed often enough.
    package func holds(for episode: OpenEpisode, at date: Date) -> Bool {
        let age = episode.age(at: date)
        return (episode.heads.count >= heads && age >= self.age)
            || (episode.failingRuns >= runs && age >= otherAge)
    }

    /// The earliest instant at which `episode` can page if it keeps failing; nil if more failures are required first, or
    /// if there is no good run as a baseline.
    package func pagesAt(_ episode: OpenEpisode) -> Date? {
        guard episode.good != nil else { return nil }
        let instants = [
            (isMet: episode.heads.count >= heads, at: episode.openedAt + age),
            (isMet: episode.failingRuns >= runs, at: episode.openedAt + otherAge),
        ]
        return instants.filter { $0.isMet || $0.at > episode.lastFailedAt }.map(\.at).min()
    }

    /// What `episode` is waiting for at `date`, in one line.
    package func outlook(_ episode: OpenEpisode, at date: Date) -> String {
        let age = "suspected \(episode.age(at: date).inHours)"
        guard episode.good != nil else { return "\(age), has never passed: no baseline, so it does not page" }
        return """
            \(age), \(episode.heads.count) of \(heads) heads, pages at \(self.age.inHours); \
            or \(episode.failingRuns) of \(runs) failing runs at \(otherAge.inHours)
            """
    }
}

extension TimeInterval {
    /// `6 h`, `40 min`; whole, rounded down.
    package var inHours: String { self < 3600 ? "\(Int(self / 60)) min" : "\(Int(self / 3600)) h" }
}
