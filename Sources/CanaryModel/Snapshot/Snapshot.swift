// SPDX-License-Identifier: Apache-2.0

package import Foundation

/// A revision of a project with its source tree.
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
    /// No source: the reason, and the message of git.
    case failed(ReasonCode, detail: String)

    /// The source, if there is one.
    package var source: Source? {
        if case .source(let source) = self { source } else { nil }
    }
}

/// A pin of a manifest: a tag, branch or commit of an upstream.
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

/// What all branches, tags and images of the manifests resolved to when a run started.
package struct Snapshot: Sendable {
    /// The branch head of each project, or the revision given by `--at`.
    package var revisions: [String: Resolution]
    /// The highest release of each project that is an upstream in lane `release`.
    package var releases: [String: Resolution]
    /// The resolutions of the pins.
    package var pins: [PinnedRevision: Resolution]
    /// The environment id of each variant.
    package var environments: [String: String]
    /// Why the environment of a variant could not be resolved.
    package var environmentFailures: [String: RunnerFailure] = [:]

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
