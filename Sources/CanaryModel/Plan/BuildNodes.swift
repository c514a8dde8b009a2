// SPDX-License-Identifier: Apache-2.0

/// One build of a plan, whether it must be made or not.
struct BuildNode {
    let project: Int
    let source: Source
    let variant: Variant
    let lane: Lane
    let environment: String
    /// Indices of the direct upstreams' builds.
    let direct: [Int]
    let expanded: ExpandedRecipe
    /// Whether the recipe stops before the last stage of the manifest.
    let partial: Bool
    let isFallback: Bool
    let recipeDigest: String
    /// The values of the variables that the recipe names.
    let variables: [KeyVariable: String]
    /// The hash of the trees of all upstreams; nil while one is unknown.
    fileprivate(set) var closure: String?
    /// The key; nil while `closure` is.
    fileprivate(set) var key: String?
    /// How it ended in this run; nil while it is open.
    fileprivate(set) var finished: FinishedBuild?
    /// The hash of the installed tree, stored or built by this run; nil when there is none.
    fileprivate(set) var tree: String?

    /// Whether it ended and nothing can be built upon it.
    var isRed: Bool { finished != nil && tree == nil }
}

/// What to build, and on which builds.
struct BuildSpec {
    /// The index of the project.
    let project: Int
    let source: Source
    let variant: Variant
    let lane: Lane
    /// Indices of the direct upstreams' builds.
    let direct: [Int]
    /// The last stage; nil means all.
    var until: Stage?
    /// Whether it replaces a red build; then a stored prefix is used, whatever this run made of the same build.
    var isFallback = false
}

/// What two equal builds of one plan have in common.
private struct BuildIdentity: Hashable {
    let project: Int
    let source: Source
    let variant: String
    let hides: Bool
    let direct: [Int]
    let partial: Bool
    let isFallback: Bool
    let variables: [KeyVariable: String]
}

/// The builds of one plan, each once, upstreams before downstreams.
struct BuildNodes {
    private(set) var nodes: [BuildNode] = []
    private var indices: [BuildIdentity: Int] = [:]
    private let input: PlanInput
    /// The keys that failed recently and are not built again for now.
    private let stillBroken: Set<String>

    /// - Parameter earlier: the builds of an earlier plan of the same run.
    init(_ input: PlanInput, continuing earlier: BuildNodes? = nil) {
        self.input = input
        stillBroken = input.selection.forced ? [] : input.knowledge.stillBroken(at: input.now)
        guard let earlier else { return }
        (nodes, indices) = (earlier.nodes, earlier.indices)
        for index in nodes.indices { settle(index) }
    }

    subscript(index: Int) -> BuildNode { nodes[index] }

    func name(_ index: Int) -> String { input.projects[nodes[index].project].name }

    /// The index of the build that `spec` describes; nil when its project is not built in the variant.
    mutating func index(of spec: BuildSpec) -> Int? {
        guard let environment = input.snapshot.environments[spec.variant.name],
            let build = input.projects[spec.project].builds[spec.variant.name]
        else { return nil }
        let recipe = spec.until.map { build.recipe.until($0) } ?? build.recipe
        let variables = Dictionary(uniqueKeysWithValues: recipe.variables.map { ($0, spec.value(of: $0)) })
        let identity = BuildIdentity(
            project: spec.project, source: spec.source, variant: spec.variant.name, hides: spec.lane != .platform,
            direct: spec.direct, partial: recipe != build.recipe, isFallback: spec.isFallback, variables: variables)
        if let known = indices[identity] { return known }
        let expanded = ExpandedRecipe(
            recipe, of: input.projects[spec.project],
            on: spec.direct.map { (input.projects[nodes[$0].project], expanded: nodes[$0].expanded) },
            hides: identity.hides)
        nodes.append(
            BuildNode(
                project: spec.project, source: spec.source, variant: spec.variant, lane: spec.lane,
                environment: environment, direct: spec.direct, expanded: expanded, partial: identity.partial,
                isFallback: spec.isFallback, recipeDigest: expanded.digest,
                variables: variables))
        settle(nodes.count - 1)
        indices[identity] = nodes.count - 1
        return nodes.count - 1
    }

    /// Fills in what is known so far; what is known never changes within a run.
    private mutating func settle(_ index: Int) {
        let node = nodes[index]
        guard node.finished == nil else { return }
        if node.key == nil {
            guard let closure = closureDigest(of: node.direct) else { return }
            nodes[index].closure = closure
            nodes[index].key = BuildKey.key(
                project: name(index), tree: node.source.tree, recipe: node.recipeDigest,
                environment: node.environment, closure: closure, variables: node.variables)
        }
        guard let key = nodes[index].key else { return }
        let stored = input.knowledge.prefixes[key]
        let known = input.finished[key] ?? (stillBroken.contains(key) ? .skipped : nil)
        let finished = node.isFallback && stored != nil ? nil : known
        let isUsable = finished.map { $0.outcome.result == .passed } ?? true
        nodes[index].finished = finished
        // A stored prefix is never replaced, even if a forced build installs another tree.
        nodes[index].tree = isUsable ? stored ?? finished?.tree : nil
    }

    /// All builds that `index` depends on, nearest first, each once.
    func below(_ index: Int) -> [Int] {
        let direct = nodes[index].direct
        var order = direct
        var isSeen = Array(repeating: false, count: nodes.count)
        for index in direct { isSeen[index] = true }
        var next = 0
        while next < order.count {
            for upstream in nodes[order[next]].direct where !isSeen[upstream] {
                isSeen[upstream] = true
                order.append(upstream)
            }
            next += 1
        }
        return order
    }

    /// The sources of all builds that `index` depends on, by project.
    func upstreams(of index: Int) -> [String: Source] {
        let sources = below(index).map { (name($0), nodes[$0].source) }
        return Dictionary(sources, uniquingKeysWith: { first, _ in first })
    }

    /// The globs of the files that are hidden from `index`: what its project and all its upstreams provide.
    func hiddenFiles(of index: Int) -> [String] {
        guard !nodes[index].expanded.hidden.isEmpty else { return [] }
        let projects = ([index] + below(index)).map { input.projects[nodes[$0].project] }
        return Set(projects.flatMap(\.provides.files)).sorted()
    }

    private func closureDigest(of direct: [Int]) -> String? {
        var upstreams: [BuildKey.Upstream] = []
        for index in direct {
            guard let tree = nodes[index].tree, let closure = nodes[index].closure else { return nil }
            upstreams.append(BuildKey.Upstream(project: name(index), tree: tree, closure: closure))
        }
        return BuildKey.closure(of: upstreams)
    }
}

extension FinishedBuild {
    /// The end of a build that the plan decided not to make.
    fileprivate static let skipped = FinishedBuild(outcome: Outcome(result: .skipped))
}
