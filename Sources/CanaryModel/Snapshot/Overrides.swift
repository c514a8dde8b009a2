// SPDX-License-Identifier: Apache-2.0

/// Repositories, revisions and environments that replace those of the manifests.
package struct Overrides: Hashable, Sendable {
    /// `--source`: repositories by project.
    package var sources: [String: String]
    /// `--at` and `--lock`: revisions by project.
    package var revisions: [String: String]
    /// Environment ids by variant: older or newer images.
    package var environments: [String: String] = [:]

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
