// SPDX-License-Identifier: Apache-2.0

package import Foundation

/// A repository to build, as its manifest describes it.
package struct Project: Sendable {
    /// Where the source comes from.
    package enum Location: Hashable, Sendable {
        /// A git remote: a URL, an absolute path or `file://`.
        case repository(String)
        /// A folder in the repository of the stack, relative to its root.
        case folder(String)
    }

    /// The name; `[a-z][a-z0-9-]*`.
    package let name: String
    /// The name people use.
    package let title: String
    /// Where the source comes from.
    package let location: Location
    /// The branch whose head is built.
    package let branch: String
    /// The glob of release tags; nil means that the project has no releases.
    package let releaseTags: String?
    /// Its upstreams, in the order of the manifest.
    package let upstreams: [Upstream]
    /// Paths whose change does not need a build.
    package let ignore: IgnoreRules
    /// What it installs.
    package let provides: Provides
    /// How it is built in each variant it runs in.
    package let builds: [String: VariantBuild]
    /// Whether submodules are checked out.
    package let submodules: Bool
    /// Who is notified.
    package let owners: [String]
    /// Why and until when it is not built; nil when it is built.
    package let hold: Hold?
    /// Failures that are not reported.
    package let expectedFailures: [ExpectedFailure]
    /// The variants it has jobs in.
    package let variants: Set<String>

    /// Makes a project.
    package init(
        name: String, title: String? = nil, location: Location, branch: String = "main", releaseTags: String? = nil,
        upstreams: [Upstream] = [], ignore: IgnoreRules = .none, provides: Provides = Provides(),
        builds: [String: VariantBuild], submodules: Bool = false, owners: [String] = [], hold: Hold? = nil,
        expectedFailures: [ExpectedFailure] = [], variants: Set<String>? = nil
    ) {
        self.name = name
        self.title = title ?? name
        self.location = location
        self.branch = branch
        self.releaseTags = releaseTags
        self.upstreams = upstreams
        self.ignore = ignore
        self.provides = provides
        self.builds = builds
        self.submodules = submodules
        self.owners = owners
        self.hold = hold
        self.expectedFailures = expectedFailures
        self.variants = variants ?? Set(builds.keys)
    }
}

/// How a project is built in one variant.
package struct VariantBuild: Hashable, Sendable {
    /// The stages.
    package let recipe: Recipe
    /// What an attempt may use.
    package let limits: AttemptLimits

    /// Makes the build of one variant.
    package init(recipe: Recipe, limits: AttemptLimits = AttemptLimits()) {
        self.recipe = recipe
        self.limits = limits
    }
}

/// One edge of the graph, as the downstream declares it.
package struct Upstream: Hashable, Sendable {
    /// The upstream's name.
    package let project: String
    /// Whether the project is built without it when it is missing, or red without a last known good.
    package let optional: Bool
    /// A fixed revision instead of the branch head.
    package let pin: Pin?
    /// CMake cache variables that prove that it was used, where `<Pkg>_DIR` does not exist.
    package let proof: [String]

    /// Makes an edge.
    package init(project: String, optional: Bool = false, pin: Pin? = nil, proof: [String] = []) {
        self.project = project
        self.optional = optional
        self.pin = pin
        self.proof = proof
    }
}

/// A fixed revision of an upstream, until a date.
package struct Pin: Hashable, Sendable {
    /// Tag, branch or commit.
    package let revision: String
    /// When the branch head is used again; nil means never.
    package let until: Date?
    /// Why.
    package let reason: String?

    /// Makes a pin.
    package init(revision: String, until: Date? = nil, reason: String? = nil) {
        self.revision = revision
        self.until = until
        self.reason = reason
    }

    /// Whether the pin applies at `date`.
    package func holds(at date: Date) -> Bool { until.map { date < $0 } ?? true }
}

/// What a project installs.
package struct Provides: Hashable, Sendable {
    /// CMake package names.
    package let packages: [String]
    /// Globs of files, relative to the install prefix.
    package let files: [String]

    /// Makes the list.
    package init(packages: [String] = [], files: [String] = []) {
        self.packages = packages
        self.files = files
    }
}

/// Why and until when a project is not built.
package struct Hold: Hashable, Sendable {
    /// When it is built again; nil means never.
    package let until: Date?
    /// Why.
    package let reason: String

    /// Makes a hold.
    package init(until: Date? = nil, reason: String) {
        self.until = until
        self.reason = reason
    }

    /// Whether the hold applies at `date`.
    package func holds(at date: Date) -> Bool { until.map { date < $0 } ?? true }
}
