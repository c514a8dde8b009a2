// SPDX-License-Identifier: Apache-2.0

package import CanaryModel
package import Foundation

/// What history knows of the things in a state folder.
package struct RetentionRecords: Sendable {
    /// A stored prefix.
    package struct Prefix: Hashable, Sendable {
        /// The project.
        package let project: String
        /// The build's key.
        package let key: String
        /// When it was installed, a run last pointed to it, or an attempt was last made on it.
        package let lastUsedAt: Date
    }

    /// The stored prefixes.
    package let prefixes: [Prefix]
    /// Builds that must be had again as they were, with all they stood on.
    package let wanted: [JobBuild]
    /// The facts of all stored builds, and of `wanted` and what these were recorded on.
    package let builds: [BuildFacts]
    /// When each attempt ended, of those asked for that history knows; nil while it runs.
    package let attemptEnds: [String: Date?]
    /// The attempts that opened episodes which are still open, and the newest failures in them.
    package let evidence: Set<String>
}
