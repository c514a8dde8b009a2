// SPDX-License-Identifier: Apache-2.0

package import Foundation

/// One revision of a project and what its source is.
package struct Source: Hashable, Codable, Sendable {
    /// The commit.
    package let revision: String
    /// The hash of the source tree without the project's `ignore` paths, submodules included.
    package let tree: String
    /// When it was committed.
    package let committedAt: Date

    /// Makes a source.
    package init(revision: String, tree: String, committedAt: Date) {
        self.revision = revision
        self.tree = tree
        self.committedAt = committedAt
    }
}

/// What a project's branch or release tags resolved to.
package enum Resolution: Hashable, Sendable {
    /// A source.
    case source(Source)
    /// Nothing: why, and what git said.
    case failed(ReasonCode, detail: String)

    /// The source, if there is one.
    package var source: Source? {
        if case .source(let source) = self { source } else { nil }
    }
}

/// A revision as a manifest pins it: tag, branch or commit.
package struct PinnedRevision: Hashable, Sendable {
    /// The project.
    package let project: String
    /// The text of the pin.
    package let revision: String

    /// Names `revision` of `project`.
    package init(project: String, revision: String) {
        self.project = project
        self.revision = revision
    }
}

/// Why an environment could not be had.
package struct EnvironmentFailure: Hashable, Sendable {
    /// The reason its jobs end with.
    package let reason: ReasonCode
    /// What the engine said.
    package let detail: String

    /// Makes a failure.
    package init(reason: ReasonCode, detail: String) {
        self.reason = reason
        self.detail = detail
    }
}

/// The resolved vector of a run: what every name in the manifests stood for when it began.
package struct Snapshot: Sendable {
    /// The head of each project's branch, or what `--at` put in its place.
    package var revisions: [String: Resolution]
    /// The highest release of each project that is built on in lane `release`.
    package var releases: [String: Resolution]
    /// What the manifests' pins stand for.
    package var pins: [PinnedRevision: Resolution]
    /// The environment id of each variant.
    package var environments: [String: String]
    /// Why the environment of a variant could not be had.
    package var environmentFailures: [String: EnvironmentFailure] = [:]

    /// Makes a snapshot.
    package init(
        revisions: [String: Resolution] = [:], releases: [String: Resolution] = [:],
        pins: [PinnedRevision: Resolution] = [:], environments: [String: String] = [:]
    ) {
        self.revisions = revisions
        self.releases = releases
        self.pins = pins
        self.environments = environments
    }
}
