// SPDX-License-Identifier: Apache-2.0

package import Foundation

/// A commit of a search as people know it.
package struct SearchedCommit: Hashable, Codable, Sendable {
    /// The project, or another axis such as the image, that it moves.
    package let project: String
    /// The project's revision with it.
    package let revision: String
    /// Its parents; the first is what the branch stood at before it.
    package let parents: [String]
    /// The first line of its message.
    package let subject: String
    /// Who wrote it.
    package let author: String
    /// The committer's time.
    package let committedAt: Date
    /// See `RangeCommit.isRelevant`.
    package let isRelevant: Bool

    /// What stands in place of a project for the image that builds are made in: no project can be called so.
    package static let image = "(image)"

    /// Makes a commit.
    package init(
        project: String, revision: String, parents: [String], subject: String, author: String, committedAt: Date,
        isRelevant: Bool = false
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
            subject.firstMatch(of: /\([#!](\d{1,9})\)\s*$/)?.1
            ?? subject.firstMatch(of: /^Merge (?:pull|merge) request [#!](\d{1,9})\b/)?.1
        return found.flatMap { Int($0) }
    }

    /// Whether it is all of a pull request in one commit.
    package var isSquash: Bool { parents.count < 2 && pullRequest != nil }
}

/// What a search is about: enough to take it up, and to tell of it.
package struct SearchSubject: Hashable, Codable, Sendable {
    /// The commits in landing order.
    package let commits: [SearchedCommit]
    /// The revisions at the base, of all projects that are built, and of the image where it moved.
    package let base: [String: String]

    /// Makes a subject.
    package init(commits: [SearchedCommit], base: [String: String]) {
        self.commits = commits
        self.base = base
    }

    /// The subject of several branches, whose commits are merged in landing order.
    package init(merging branches: [[SearchedCommit]], base: [String: String]) {
        let merged = SearchRange(merging: branches.map { SearchSubject(commits: $0, base: [:]).range.commits })
        let known = Dictionary(
            branches.joined().map { ([$0.project, $0.revision], $0) }, uniquingKeysWith: { first, _ in first })
        self.init(commits: merged.commits.compactMap { known[[$0.project, $0.revision]] }, base: base)
    }

    /// The same with `image`, a move of the image, before all commits: what is asked there tells it from them all.
    package func adding(_ image: SearchedCommit) -> SearchSubject {
        SearchSubject(
            commits: [image] + commits,
            base: base.merging([image.project: image.parents.first ?? image.revision]) { $1 })
    }

    /// The commits as the search sees them.
    package var range: SearchRange {
        SearchRange(
            commits.map { commit in
                RangeCommit(
                    project: commit.project, revision: commit.revision, committedAt: commit.committedAt,
                    isRelevant: commit.isRelevant)
            })
    }

    /// The revisions of all projects at `point`.
    package func revisions(at point: ProbePoint) -> [String: String] {
        base.merging(range.revisions(at: point)) { $1 }
    }

    /// The revisions of the projects at `point`, without the image where that is one of what moved.
    package func projects(at point: ProbePoint) -> [String: String] {
        revisions(at: point).filter { $0.key != SearchedCommit.image }
    }

    /// The project that moves to `point`: that of its newest commit; at the base that of the first.
    package func project(at point: ProbePoint) -> String {
        let newest = point.ahead ?? (point.prefix > 0 ? point.prefix : 1)
        return commits.indices.contains(newest - 1) ? commits[newest - 1].project : base.keys.sorted().first ?? ""
    }
}

/// How a search is to go: what may differ each time that it is asked for.
package struct SearchSettings: Hashable, Codable, Sendable {
    /// How often builds mislead.
    package var rates: SearchRates
    /// What is asked of it.
    package var options: SearchOptions
    /// What the installed trees said before anything was built; nil where they said nothing.
    package var evidence: NameEvidence?

    /// Makes settings.
    package init(rates: SearchRates = SearchRates(), options: SearchOptions = SearchOptions()) {
        self.rates = rates
        self.options = options
    }
}

/// A name of the first error that one upstream installs at the base, and at the head no more.
package struct NameEvidence: Hashable, Codable, Sendable {
    /// The upstream.
    package let project: String
    /// What the name is of, as `Surface.Kind` writes it.
    package let kind: String
    /// The name.
    package let name: String
    /// How often the upstream alone was built to find since when the name is gone.
    package let builds: Int

    /// Makes evidence.
    package init(project: String, kind: String, name: String, builds: Int) {
        self.project = project
        self.kind = kind
        self.name = name
        self.builds = builds
    }
}
