// SPDX-License-Identifier: Apache-2.0

/// The key of a build: a hash of everything it depends on and nothing else.
///
/// Parallelism, commit time and paths are never part of it; revision, lane and variant only where the recipe names their
/// variables.
package enum BuildKey {
    /// The version of the format; raised when the meaning of a key changes.
    package static let format = 1

    /// An installed upstream as part of a key.
    package struct Upstream: Hashable, Sendable {
        /// The project.
        package let project: String
        /// The hash of its installed tree.
        package let tree: String
        /// The hash of everything it was built on; see `closure(of:)`.
        package let closure: String
    }

    /// One hash of the installed trees of all upstreams, transitive ones too, from a build's direct `upstreams`.
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
    ///   - tree: the hash of the source tree.
    ///   - recipe: the digest of the expanded recipe.
    ///   - closure: the result of `closure(of:)` for its direct upstreams.
    ///   - variables: the values of the variables that the recipe names.
    package static func key(
        project: String, tree: String, recipe: String, environment: String, closure: String,
        variables: [KeyVariable: String] = [:]
    ) -> String {
        var hasher = FieldHasher()
        hasher.add("canary.build/\(format)")
        for field in [project, tree, recipe, environment, closure] { hasher.add(field) }
        for variable in KeyVariable.allCases {
            guard let value = variables[variable] else { continue }
            hasher.add(variable.rawValue)
            hasher.add(value)
        }
        return hasher.finish()
    }
}

/// Everything that goes into a build except its source: stages, network, hidden files, requirements of the inspection.
package struct ExpandedRecipe: Hashable, Sendable {
    /// What the inspection requires of one upstream.
    package struct Requirement: Hashable, Sendable {
        /// The upstream.
        package let project: String
        /// Its CMake packages.
        package let packages: [String]
        /// CMake cache variables that prove that it was used.
        package let proof: [String]
        /// Whether the build may do without it.
        package let optional: Bool
    }

    /// The stages.
    package let recipe: Recipe
    /// The digest of the hidden files, `hidden(files:upstreams:)`; empty where none are hidden.
    package let hidden: String
    /// What the inspection requires of the direct upstreams, and of indirect ones that provide packages.
    package let requirements: [Requirement]

    /// Makes an expanded recipe.
    package init(recipe: Recipe, hidden: String, requirements: [Requirement]) {
        self.recipe = recipe
        self.hidden = hidden
        self.requirements = requirements
    }

    /// Expands `recipe` for `project`.
    ///
    /// - Parameters:
    ///   - direct: its direct upstreams, each with its own expanded recipe.
    ///   - hides: whether the copies in the environment are hidden, as in all lanes except `platform`.
    package init(
        _ recipe: Recipe, of project: Project, on direct: [(project: Project, expanded: ExpandedRecipe)], hides: Bool
    ) {
        let upstreams = Dictionary(
            direct.map { ($0.project.name, $0.project) }, uniquingKeysWith: { first, _ in first })
        let requirements = project.upstreams.compactMap { edge in
            upstreams[edge.project].map { upstream in
                Requirement(
                    project: edge.project, packages: upstream.provides.packages, proof: edge.proof,
                    optional: edge.optional)
            }
        }
        // Indirect upstreams may be missing, but where one is found it must be the built one.
        let others = direct.flatMap(\.expanded.requirements).filter {
            upstreams[$0.project] == nil && !$0.packages.isEmpty
        }
        let below = Dictionary(others.map { ($0.project, $0.packages) }, uniquingKeysWith: { first, _ in first })
            .sorted { $0.key < $1.key }
            .map { Requirement(project: $0.key, packages: $0.value, proof: [], optional: true) }
        let hidden = hides ? Self.hidden(files: project.provides.files, upstreams: direct.map(\.expanded.hidden)) : ""
        self.init(recipe: recipe, hidden: hidden, requirements: requirements + below)
    }

    /// The digest of the files hidden from a build: those of its own project, and those hidden from its direct upstreams.
    package static func hidden(files: [String], upstreams: [String]) -> String {
        let upstreams = upstreams.filter { !$0.isEmpty }
        // With nothing hidden, as in lane `platform`, lanes share builds.
        if files.isEmpty, upstreams.isEmpty { return "" }
        var hasher = FieldHasher()
        hasher.add(list: files)
        hasher.add(list: upstreams.sorted())
        return hasher.finish()
    }

    /// The digest that is part of the key.
    package var digest: String {
        var hasher = FieldHasher()
        hasher.add(recipe.network ? "network" : "offline")
        for script in recipe.stages {
            hasher.add(script.stage.rawValue)
            hasher.add(script.run)
        }
        hasher.add("hidden \(hidden)")
        for requirement in requirements.sorted(by: { $0.project < $1.project }) {
            hasher.add("demand \(requirement.project) \(requirement.optional)")
            hasher.add(list: requirement.packages)
            hasher.add(list: requirement.proof)
        }
        // So that the new key of an old build is explained by its recipe.
        if !recipe.variables.isEmpty { hasher.add(list: recipe.variables.map(\.rawValue)) }
        return hasher.finish()
    }
}
