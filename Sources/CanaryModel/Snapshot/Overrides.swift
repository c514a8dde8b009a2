// SPDX-License-Identifier: Apache-2.0

/// Repositories, revisions and environments that replace those of the manifests.
package struct Overrides: Hashable, Sendable {
    /// `--source`: repositories by project.
    package var sources: [String: String]
    /// `--at` and `--lock`: revisions by project.
    package var revisions: [String: String]
    /// Environment ids by variant: older or newer images.
    package var environments: [String: String] = [:]

    /// The projects at changes that nobody has merged.
    ///
    /// What their manifests ignore is part of their keys: it lies in the source all the same, and what somebody put there
    /// must not come to builds of the branch by way of a stored result.
    package var unmerged: Set<String> = []

    /// The projects whose revision holds against the pins of manifests too.
    package var unpinned: Set<String> = []

    /// Makes overrides; none by default.
    package init(sources: [String: String] = [:], revisions: [String: String] = [:]) {
        self.sources = sources
        self.revisions = revisions
    }

    /// Whether nothing is overridden.
    package var isEmpty: Bool { sources.isEmpty && revisions.isEmpty && environments.isEmpty }
    /// The overridden projects, sorted.
    package var projects: [String] { (Array(sources.keys) + Array(revisions.keys)).sorted() }
}
