// SPDX-License-Identifier: Apache-2.0

/// What must stay, whatever room it takes.
package struct RetentionRoots: Hashable, Sendable {
    /// Keys of builds whose prefixes stay.
    package var keys: Set<String>
    /// Attempts whose logs stay.
    package var attempts: Set<String>
    /// The variants of each project of the stack: their mirrors stay, and their caches are worth keeping.
    package var variants: [String: Set<String>]

    /// Makes claims.
    package init(keys: Set<String> = [], attempts: Set<String> = [], variants: [String: Set<String>] = [:]) {
        self.keys = keys
        self.attempts = attempts
        self.variants = variants
    }

    /// Whether `belonging` must stay.
    package func hold(_ belonging: StateItem) -> Bool {
        switch belonging {
        case .prefix(_, let key): keys.contains(key)
        case .log(let attempt): attempts.contains(attempt)
        case .mirror(let project): variants[project] != nil
        case .compilerCache, .leftover: false
        }
    }

    /// Whether `belonging` serves a project or a variant that the stack no longer has.
    func isForeign(_ belonging: StateItem) -> Bool {
        switch belonging {
        case .mirror(let project): variants[project] == nil
        case .compilerCache(let project, let variant): variants[project]?.contains(variant) != true
        case .prefix, .log, .leftover: false
        }
    }
}

/// A build with all that decides whether another one could stand in its place.
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
    /// The hash of the tree it installed, be that still there or not; nil when it never did.
    package let tree: String?

    /// Puts the facts together.
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

/// Finds the prefixes that a build stood on.
///
/// A build is recorded once, with the upstream builds it first had. Where an upstream then moved without installing
/// anything else, later runs have the same build on other upstream builds: those are found by source and trees.
package struct DependencyClosure {
    private struct Place: Hashable {
        let project: String
        let source: String
        let environment: String
    }

    private let builds: [String: BuildFacts]
    private let places: [Place: [BuildFacts]]

    /// Searches among `builds`, which hold every build asked for with its upstreams.
    package init(_ builds: some Collection<BuildFacts>) {
        self.builds = Dictionary(builds.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
        places = Dictionary(grouping: self.builds.values) {
            Place(project: $0.project, source: $0.source, environment: $0.environment)
        }
    }

    /// The keys of `wanted` and of all builds that it stands on, as it was recorded first and as its vector says.
    package func keys(of wanted: JobBuild) -> Set<String> {
        guard let build = builds[wanted.key] else { return [wanted.key] }
        var keys = Set(build.upstreams.values)
        keys.insert(wanted.key)
        let trees = build.upstreams.compactMapValues { builds[$0]?.tree }
        for (project, source) in wanted.upstreams {
            let place = Place(project: project, source: source.tree, environment: wanted.environment)
            for candidate in places[place] ?? [] where isPart(candidate, of: trees) { keys.insert(candidate.key) }
        }
        return keys
    }

    private func isPart(_ candidate: BuildFacts, of trees: [String: String]) -> Bool {
        candidate.tree != nil && candidate.tree == trees[candidate.project]
            && candidate.upstreams.allSatisfy { project, key in
                trees[project] != nil && builds[key]?.tree == trees[project]
            }
    }
}
