// SPDX-License-Identifier: Apache-2.0

package import CanaryModel
package import Foundation

/// What the policy would tell people.
package struct Message: Hashable, Codable, Sendable {
    /// What it is about.
    package enum Kind: String, CaseIterable, Codable, Sendable {
        /// It failed and passed on the same inputs.
        case flaky
        /// It failed for the first time since it passed.
        case suspected
        /// It passes again, and nobody had been paged.
        case healed
        /// It is broken.
        case page
        /// The last known good fails as well: nobody's change.
        case environment
        /// It passes again, and somebody had been paged.
        case recovered
        /// It is broken, and fails otherwise than before.
        case changed
        /// It passes though a failure is declared.
        case unexpectedPass
        /// No run finished for two periods.
        case stale
    }

    /// How soon somebody should read it.
    package enum Urgency: String, CaseIterable, Codable, Sendable {
        /// Now.
        case page
        /// With the daily digest; with the weekly one where `isWeekly`.
        case digest
    }

    /// Who should read it.
    package enum Audience: String, CaseIterable, Codable, Sendable {
        /// The owners of the projects.
        case maintainers
        /// Those who keep the canary.
        case operators
    }

    /// What it is about.
    package let kind: Kind
    /// The job it is told under: the first of them.
    package let job: JobID
    /// All jobs in it, sorted.
    package let jobs: [JobID]
    /// The upstream that all of them suffer from; nil while that is open, and where there is none.
    package let upstream: String?
    /// The commit that is proven to be the cause.
    package let culprit: Commit?
    /// The number of the notice it opens or closes; nil for what stands alone.
    package let notice: Int?
    /// Since when what it tells of lasts.
    package let since: Date?
    /// Whether it belongs to the weekly digest: a flake of a job that is known to be flaky.
    package let isWeekly: Bool

    /// Makes a message; `jobs` are `job` alone unless others are given.
    package init(
        kind: Kind, job: JobID, jobs: [JobID]? = nil, upstream: String? = nil, culprit: Commit? = nil,
        notice: Int? = nil, since: Date? = nil, isWeekly: Bool = false
    ) {
        self.kind = kind
        self.job = job
        self.jobs = jobs?.sorted() ?? [job]
        self.upstream = upstream
        self.culprit = culprit
        self.notice = notice
        self.since = since
        self.isWeekly = isWeekly
    }

    /// How soon somebody should read it.
    package var urgency: Urgency {
        switch kind {
        case .flaky, .suspected, .healed, .changed, .unexpectedPass: .digest
        case .page, .environment, .recovered, .stale: .page
        }
    }

    /// Who should read it.
    package var audience: Audience {
        switch kind {
        case .environment, .stale: .operators
        case .flaky, .suspected, .healed, .page, .recovered, .changed, .unexpectedPass: .maintainers
        }
    }
}
