// SPDX-License-Identifier: Apache-2.0

/// A build with everything that decides whether another build is equivalent.
package struct BuildFacts: Hashable, Sendable {
    /// Its key.
    package let key: String
    /// The project.
    package let project: String
    /// The hash of its source tree.
    package let source: String
    /// The environment id.
    package let environment: String
    /// The keys of its upstreams, transitive ones too, by project.
    package let upstreams: [String: String]
    /// The hash of the tree that it installed, even if that was removed since; nil when it installed none.
    package let tree: String?

    /// Makes the facts of a build.
    package init(
        key: String, project: String, source: String, environment: String, upstreams: [String: String], tree: String?
    ) {
        self.key = key
        self.project = project
        self.source = source
        self.environment = environment
        self.upstreams = upstreams
        self.tree = tree
    }
}

/// Finds all prefixes that a build depends on.
///
/// A build is recorded once, with the upstream builds that it was first built on. If an upstream then changed without
/// installing anything different, later runs use the same build on other upstream builds. Those are found by their
/// sources and installed trees.
package struct DependencyClosure {
    private struct BuildInputs: Hashable {
        let project: String
        let source: String
        let environment: String
    }

    private let builds: [String: BuildFacts]
    private let buildsByInputs: [BuildInputs: [BuildFacts]]

    /// Searches `builds`, which contain every build in question and all its upstreams.
    package init(_ builds: some Collection<BuildFacts>) {
        self.builds = Dictionary(builds.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
        buildsByInputs = Dictionary(grouping: self.builds.values) {
            BuildInputs(project: $0.project, source: $0.source, environment: $0.environment)
        }
    }

    /// The keys of `build` and of all builds that it depends on, as it was first recorded and as its vector says.
    package func keys(of build: JobBuild) -> Set<String> {
        guard let recorded = builds[build.key] else { return [build.key] }
        var keys = Set(recorded.upstreams.values)
        keys.insert(build.key)
        let trees = recorded.upstreams.compactMapValues { builds[$0]?.tree }
        for (project, source) in build.upstreams {
            let inputs = BuildInputs(project: project, source: source.tree, environment: build.environment)
            for candidate in buildsByInputs[inputs] ?? [] where matches(candidate, trees) { keys.insert(candidate.key) }
        }
        return keys
    }

    private func matches(_ candidate: BuildFacts, _ trees: [String: String]) -> Bool {
        candidate.tree != nil && candidate.tree == trees[candidate.project]
            && candidate.upstreams.allSatisfy { project, key in
                trees[project] != nil && builds[key]?.tree == trees[project]
            }
    }
}
