// SPDX-License-Identifier: Apache-2.0

package import CanaryModel
package import Foundation

/// A build that another one was built on.
package struct UpstreamBuild: Hashable, Sendable {
    /// The upstream.
    package let project: String
    /// The key of its build, which must be recorded.
    package let key: String
    /// Whether the manifest of the built project names it, not only that of an upstream.
    package let direct: Bool

    /// Names the build `key` of `project`.
    package init(project: String, key: String, direct: Bool) {
        self.project = project
        self.key = key
        self.direct = direct
    }
}

/// One project at one source in one environment on given upstream builds.
package struct BuildRecord: Hashable, Sendable {
    /// Its key: SHA-256 in hexadecimal.
    package let key: String
    /// The project.
    package let project: String
    /// What is built: of all revisions that share the key, the first one recorded.
    package let source: Source
    /// The digest of the expanded recipe.
    package let recipe: String
    /// The environment id.
    package let environment: String
    /// The variant it was built for first.
    package let variant: String
    /// All upstreams, in the order they were given.
    package let upstreams: [UpstreamBuild]
    /// Whether `--until` cut the recipe short: nothing may be built on it.
    package let partial: Bool
    /// The version of the rule that made the key.
    package let format: Int

    /// Makes a build.
    package init(
        key: String, project: String, source: Source, recipe: String, environment: String, variant: String,
        upstreams: [UpstreamBuild], partial: Bool = false, format: Int = 1
    ) {
        self.key = key
        self.project = project
        self.source = source
        self.recipe = recipe
        self.environment = environment
        self.variant = variant
        self.upstreams = upstreams
        self.partial = partial
        self.format = format
    }
}

/// An installed tree.
package struct StoredPrefix: Hashable, Sendable {
    /// Its tree hash.
    package let tree: String
    /// How many files it has.
    package let files: Int
    /// Their size in bytes.
    package let bytes: Int

    /// Makes the record of a prefix.
    package init(tree: String, files: Int, bytes: Int) {
        self.tree = tree
        self.files = files
        self.bytes = bytes
    }
}

/// What an installed tree offers.
package struct InstalledSurface: Hashable, Sendable {
    /// The tree's hash.
    package let tree: String
    /// What it offers.
    package let surface: Surface

    /// Makes the surface of the tree with this hash.
    package init(tree: String, surface: Surface) {
        self.tree = tree
        self.surface = surface
    }
}

/// Everything that history knows about one build.
package struct BuildHistory: Hashable, Sendable {
    /// A job that pointed to the build, and the newest run in which it did.
    package struct Use: Hashable, Sendable {
        /// The job.
        package let job: JobID
        /// The run.
        package let run: String
        /// When that run started.
        package let at: Date
    }

    /// The build.
    package let build: BuildRecord
    /// Its executions, in the order they began.
    package let attempts: [AttemptRecord]
    /// The installed tree that is stored now.
    package let prefix: StoredPrefix?
    /// The hash of the tree that it installed last, whether or not that is still stored; nil when it never did.
    package let lastTree: String?
    /// The jobs it decided, sorted.
    package let uses: [Use]
}
