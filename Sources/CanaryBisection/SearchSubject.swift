// SPDX-License-Identifier: Apache-2.0

package import CanaryModel

/// What a search is about: enough to continue it and to describe its result.
package struct SearchSubject: Hashable, Codable, Sendable {
    /// The commits in landing order.
    package let commits: [Commit]
    /// The base revisions of all projects that are built, and the digest of the image where the image changed.
    package let base: [String: String]

    /// Makes a subject.
    package init(commits: [Commit], base: [String: String]) {
        self.commits = commits
        self.base = base
    }

    /// The same with `image`, a change of the image, before all commits, so that it can be told apart from them.
    package func adding(_ image: Commit) -> SearchSubject {
        SearchSubject(
            commits: [image] + commits,
            base: base.merging([image.project: image.parents?.first ?? image.revision]) { $1 })
    }

    /// The commits as a range to search.
    package var range: SearchRange { SearchRange(commits) }

    /// The revisions of all projects at `point`.
    package func revisions(at point: ProbePoint) -> [String: String] {
        base.merging(range.revisions(at: point)) { $1 }
    }

    /// The revision at `point` of the only project that is searched.
    package func revision(at point: ProbePoint) -> String { revisions(at: point).values.first ?? "" }

    /// The revisions of all projects at `point`, without the image.
    package func projects(at point: ProbePoint) -> [String: String] {
        revisions(at: point).filter { $0.key != Commit.imageAxis }
    }

    /// The project that changes at `point`: the one of its newest commit; at the base, the one of the first commit.
    package func project(at point: ProbePoint) -> String {
        let newest = point.ahead ?? (point.prefix > 0 ? point.prefix : 1)
        return commits.indices.contains(newest - 1) ? commits[newest - 1].project : base.keys.sorted().first ?? ""
    }
}

/// How to run a search: what may differ each time that it is started or continued.
package struct SearchSettings: Hashable, Codable, Sendable {
    /// How often builds mislead.
    package var rates: SearchRates
    /// The options.
    package var options: SearchOptions
    /// What the installed trees showed before any probe was built; nil when they showed nothing.
    package var evidence: NameEvidence?
    /// The test whose result answers a probe; nil where that of the build does.
    package var test: String?
    /// Whether to wait for an outage to end even if nothing has ever passed; nil is false.
    package var isPatient: Bool?
    /// Whether the answers mean nothing, because the command was wrong; nil is false.
    package var isVoid: Bool?
    /// The base that fails while good, on another branch, passes; nil when that was not found out.
    package var fork: BadBase?

    /// Makes settings.
    package init(rates: SearchRates = SearchRates(), options: SearchOptions = SearchOptions()) {
        self.rates = rates
        self.options = options
    }
}

/// A base that was never called good, and fails: the merge base of good and bad, where good is on another branch.
package struct BadBase: Hashable, Codable, Sendable {
    /// The base.
    package let base: String
    /// A commit that was called good, and passes.
    package let good: String

    /// Makes a finding.
    package init(base: String, good: String) {
        self.base = base
        self.good = good
    }
}

/// A name from the first error that an upstream installs at the base, and no longer at the end of the range.
package struct NameEvidence: Hashable, Codable, Sendable {
    /// The upstream.
    package let project: String
    /// The kind of the named thing, as `Surface.Kind` writes it.
    package let kind: String
    /// The name.
    package let name: String
    /// How many builds of the upstream alone it took to find out since when the name is gone.
    package let builds: Int

    /// Makes evidence.
    package init(project: String, kind: String, name: String, builds: Int) {
        self.project = project
        self.kind = kind
        self.name = name
        self.builds = builds
    }
}
