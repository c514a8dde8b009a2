// SPDX-License-Identifier: Apache-2.0

package import CanaryModel
package import Foundation

/// What the judge reports about one or more jobs: a notice before the facts that readers need are added.
package struct NoticeEvent: Hashable, Codable, Sendable {
    /// What happened.
    package var kind: Notice.Kind
    /// The job it is filed under, one of `jobs`.
    package let job: JobID
    /// All jobs it is about, sorted; never empty.
    package let jobs: [JobID]
    /// The upstream that broke all of them; nil while not known, and if there is none.
    package let upstream: String?
    /// The commit that is proven to be the cause.
    package let culprit: Commit?
    /// The number of the group that it opens, changes or closes; nil for an event that stands alone.
    package let number: Int?
    /// Since when the reported state has lasted.
    package let since: Date?
    /// Whether it belongs to the weekly digest: a flake of a job that is known to be flaky.
    package let isWeekly: Bool

    private enum CodingKeys: String, CodingKey {
        case kind, job, jobs, upstream, culprit
        case number = "notice"
        case since, isWeekly
    }

    /// Creates an event about `jobs`, or about `job` alone if none are given.
    package init(
        kind: Notice.Kind, job: JobID, jobs: [JobID]? = nil, upstream: String? = nil, culprit: Commit? = nil,
        number: Int? = nil, since: Date? = nil, isWeekly: Bool = false
    ) {
        self.kind = kind
        self.job = job
        self.jobs = jobs?.sorted() ?? [job]
        self.upstream = upstream
        self.culprit = culprit
        self.number = number
        self.since = since
        self.isWeekly = isWeekly
    }
}
