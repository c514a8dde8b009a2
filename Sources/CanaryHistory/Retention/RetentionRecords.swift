// SPDX-License-Identifier: Apache-2.0

package import CanaryModel
package import Foundation

/// What history knows about the content of a state folder.
package struct RetentionRecords: Sendable {
    /// A stored prefix.
    package struct Prefix: Hashable, Sendable {
        /// The project.
        package let project: String
        /// The build's key.
        package let key: String
        /// When it was installed, a run last pointed to it, or an attempt last used it.
        package let lastUsedAt: Date
    }

    /// The stored prefixes.
    package let prefixes: [Prefix]
    /// Builds that must stay available, with all their upstreams.
    package let wanted: [JobBuild]
    /// The facts of all stored builds, of `wanted`, and of the upstreams of both.
    package let builds: [BuildFacts]
    /// When each requested attempt that is in history ended; nil while it runs.
    package let attemptEnds: [String: Date?]
    /// The attempts that opened episodes which are still open, and the newest failures in them.
    package let evidence: Set<String>
}
