// SPDX-License-Identifier: Apache-2.0

package import Foundation

/// A commit of a project, as searches, notices and pages name it; what is not known of it is nil.
///
/// History keeps commits as JSON: what is added later must be optional.
package struct Commit: Hashable, Codable, Sendable {
    /// The project that it changes, or `imageAxis`.
    package let project: String
    /// Its whole SHA; for the image axis, the digest of the image.
    package let revision: String
    /// Its parents; the first is what the branch pointed to before it.
    package let parents: [String]?
    /// The first line of its message.
    package let subject: String?
    /// Who wrote it.
    package let author: String?
    /// The committer's time.
    package let committedAt: Date?
    /// Whether it changes what downstreams see: installed headers, build files, exported CMake files.
    package let isRelevant: Bool?

    /// Stands for a project where the image that builds run in has changed; no project can have this name.
    package static let imageAxis = "(image)"

    /// Names the commit `revision` of `project`.
    package init(
        project: String, revision: String, parents: [String]? = nil, subject: String? = nil, author: String? = nil,
        committedAt: Date? = nil, isRelevant: Bool? = nil
    ) {
        self.project = project
        self.revision = revision
        self.parents = parents
        self.subject = subject
        self.author = author
        self.committedAt = committedAt
        self.isRelevant = isRelevant
    }

    /// The pull request that the subject names, as merges and squashes of the usual forges do: `... (#123)`,
    /// `Merge pull request #123 from ...`, `... (!123)`.
    package var pullRequest: Int? {
        let found =
            subject?.firstMatch(of: /\([#!](\d{1,9})\)\s*$/)?.1
            ?? subject?.firstMatch(of: /^Merge (?:pull|merge) request [#!](\d{1,9})\b/)?.1
        return found.flatMap { Int($0) }
    }

    /// Whether it is a whole pull request squashed into one commit.
    package var isSquash: Bool { parents?.count ?? 0 < 2 && pullRequest != nil }
}
