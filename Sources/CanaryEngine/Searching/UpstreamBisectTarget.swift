// SPDX-License-Identifier: Apache-2.0

package import CanaryBisection
package import CanaryModel

/// The arguments of `bisect upstream`.
package struct UpstreamRequest: Hashable, Sendable {
    /// The project that is broken.
    package var downstream: String
    /// The project whose commits are searched; nil for all that changed, or for `downstream` itself when `good` is given.
    package var upstream: String?
    /// A good revision of the searched project; nil for the last known good.
    package var good: String?
    /// A bad revision of the searched project; nil for the first known bad, or the branch head.
    package var bad: String?
    /// The variant; nil for the first in which the job is broken, else the first.
    package var variant: String?
    /// The lane.
    package var lane = Lane.head
    /// The test whose failure is searched; nil for that of the build.
    package var test: String?
    /// Repositories that replace those of the manifests, and projects that stay at one revision.
    package var overrides = Overrides()
    /// How it is searched.
    package var choices = SearchChoices()

    /// Makes a request to search everything that changed.
    package init(downstream: String) { self.downstream = downstream }
}

/// A resolved `bisect upstream`: the job, and the commits between good and bad.
package struct UpstreamBisectTarget: Sendable {
    /// The job that is broken.
    package let job: JobID
    /// The commits between good and bad, and the revisions of all projects at the base.
    package let subject: SearchSubject
    /// Notes for people about how the range was found.
    package let notes: [String]
    /// The job's learned flake rate, from 0 to 1.
    package let learned: Double
    /// The outcome of the bad build, if one is known.
    package let failure: Outcome?
    /// The run whose failure started the search; its attempts are not evidence.
    let trigger: String?
    /// See `UpstreamRequest.test`.
    let test: String?
    /// The open episode whose first failure is the bad end; nil if the search is about something else.
    let episode: String?
    /// Other repositories by project.
    let sources: [String: String]
    /// The good revisions of projects whose base is not that but a merge base.
    var forked: [String: String] = [:]
    /// The positions with a result of an earlier run.
    let built: Set<Int>

    /// Identifies the search, so that running it again continues it.
    package var digest: String {
        var hasher = FieldHasher()
        hasher.add(list: ["canary bisect upstream 1", job.description] + (test.map { ["test", $0] } ?? []))
        hasher.add(list: subject.commits.map { "\($0.project) \($0.revision)" })
        hasher.add(list: subject.base.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" })
        return hasher.finish()
    }
}
