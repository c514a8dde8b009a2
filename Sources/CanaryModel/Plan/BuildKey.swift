// SPDX-License-Identifier: Apache-2.0

/// The address of a build: what goes into it, and nothing else.
///
/// Never in it: revision, lane, variant, parallelism, commit time, any path.
package enum BuildKey {
    /// Raised when the meaning of a key changes.
    package static let format = 1

    /// An installed upstream, as a key sees it.
    package struct Upstream: Hashable, Sendable {
        /// The project.
        package let project: String
        /// The hash of its installed tree.
        package let tree: String
        /// The same of all that it was built on; see `closure(of:)`.
        package let closure: String

        /// Names the installed tree of `project`.
        package init(project: String, tree: String, closure: String) {
            self.project = project
            self.tree = tree
            self.closure = closure
        }
    }

    /// One hash for the trees of all upstreams in the transitive closure of a build's direct upstreams.
    package static func closure(of upstreams: [Upstream]) -> String {
        var hasher = FieldHasher()
        for upstream in upstreams.sorted(by: { $0.project < $1.project }) {
            hasher.add(upstream.project)
            hasher.add(upstream.tree)
            hasher.add(upstream.closure)
        }
        return hasher.finish()
    }

    /// The key of a build.
    ///
    /// - Parameters:
    ///   - tree: the source tree's hash.
    ///   - recipe: the digest of the expanded recipe.
    ///   - closure: what `closure(of:)` gives for its direct upstreams.
    package static func key(
        project: String, tree: String, recipe: String, environment: String, closure: String
    ) -> String {
        var hasher = FieldHasher()
        hasher.add("canary.build/\(format)")
        for field in [project, tree, recipe, environment, closure] { hasher.add(field) }
        return hasher.finish()
    }
}

/// All that a build is told besides its source: stages, network, the files hidden from it, what inspection demands.
package struct ExpandedRecipe: Hashable, Sendable {
    /// What inspection demands of one upstream.
    package struct Demand: Hashable, Sendable {
        /// The upstream.
        package let project: String
        /// Its CMake packages.
        package let packages: [String]
        /// Cache variables that prove consumption.
        package let proof: [String]
        /// Whether it may be missing.
        package let optional: Bool

        /// Makes a demand.
        package init(project: String, packages: [String], proof: [String], optional: Bool) {
            self.project = project
            self.packages = packages
            self.proof = proof
            self.optional = optional
        }
    }

    /// The stages.
    package let recipe: Recipe
    /// What `hidden(files:upstreams:)` gives; empty where nothing is hidden.
    package let hidden: String
    /// What inspection demands of the direct upstreams, and of those below that provide packages.
    package let demands: [Demand]

    /// Makes an expanded recipe.
    package init(recipe: Recipe, hidden: String, demands: [Demand]) {
        self.recipe = recipe
        self.hidden = hidden
        self.demands = demands
    }

    /// What `project` is told when it is built by `recipe`.
    ///
    /// - Parameters:
    ///   - direct: its direct upstreams, each with what it was told itself.
    ///   - hides: whether the environment's own copies are hidden: not in lane `platform`.
    package init(
        _ recipe: Recipe, of project: Project, on direct: [(project: Project, told: ExpandedRecipe)], hides: Bool
    ) {
        let upstreams = Dictionary(
            direct.map { ($0.project.name, $0.project) }, uniquingKeysWith: { first, _ in first })
        let demands = project.upstreams.compactMap { edge in
            upstreams[edge.project].map { upstream in
                Demand(
                    project: edge.project, packages: upstream.provides.packages, proof: edge.proof,
                    optional: edge.optional)
            }
        }
        // What is found of the others must be the built one too, but need not be found.
        let others = direct.flatMap(\.told.demands).filter { upstreams[$0.project] == nil && !$0.packages.isEmpty }
        let below = Dictionary(others.map { ($0.project, $0.packages) }, uniquingKeysWith: { first, _ in first })
            .sorted { $0.key < $1.key }
            .map { Demand(project: $0.key, packages: $0.value, proof: [], optional: true) }
        let hidden = hides ? Self.hidden(files: project.provides.files, upstreams: direct.map(\.told.hidden)) : ""
        self.init(recipe: recipe, hidden: hidden, demands: demands + below)
    }

    /// The digest of the files hidden from a build: its own project's, and what is hidden from its direct upstreams.
    package static func hidden(files: [String], upstreams: [String]) -> String {
        let upstreams = upstreams.filter { !$0.isEmpty }
        // Then nothing is hidden, as in lane `platform`, and the lanes share builds.
        if files.isEmpty, upstreams.isEmpty { return "" }
        var hasher = FieldHasher()
        hasher.add(list: files)
        hasher.add(list: upstreams.sorted())
        return hasher.finish()
    }

    /// The digest that goes into the key.
    package var digest: String {
        var hasher = FieldHasher()
        hasher.add(recipe.network ? "network" : "offline")
        for script in recipe.stages {
            hasher.add(script.stage.rawValue)
            hasher.add(script.run)
        }
        hasher.add("hidden \(hidden)")
        for demand in demands.sorted(by: { $0.project < $1.project }) {
            hasher.add("demand \(demand.project) \(demand.optional)")
            hasher.add(list: demand.packages)
            hasher.add(list: demand.proof)
        }
        return hasher.finish()
    }
}
