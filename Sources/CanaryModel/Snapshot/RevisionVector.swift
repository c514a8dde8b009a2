// SPDX-License-Identifier: Apache-2.0

package import Foundation

/// The revisions that one build used: its project's own and those of all its upstreams.
package struct RevisionVector: Hashable, Codable, Sendable {
    /// When the run that looked them up began.
    package let at: Date
    /// The full SHA of each project, by its name.
    package let revisions: [String: String]

    /// A project whose revision differs between two vectors.
    package struct Change: Hashable, Sendable {
        /// The project.
        package let project: String
        /// Its revision in the older vector; nil if that does not use it.
        package let from: String?
        /// Its revision in the newer vector; nil if that does not use it.
        package let to: String?
    }

    /// Creates the vector of a run that began at `date`.
    package init(at date: Date, revisions: [String: String]) {
        at = date
        self.revisions = revisions
    }

    /// The revisions that `build` used.
    ///
    /// - Parameter project: the project that `build` is a build of.
    package init(of build: JobBuild, project: String) {
        at = build.at
        revisions = build.upstreams.mapValues(\.revision).merging([project: build.source.revision]) { $1 }
    }

    /// The projects whose revisions differ in `newer`, sorted by name.
    package func changes(to newer: RevisionVector) -> [Change] {
        Set(revisions.keys).union(newer.revisions.keys).sorted().compactMap { project in
            let (from, to) = (revisions[project], newer.revisions[project])
            return from == to ? nil : Change(project: project, from: from, to: to)
        }
    }
}
