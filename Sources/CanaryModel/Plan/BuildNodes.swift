// SPDX-License-Identifier: Apache-2.0

/// One build that a plan speaks of, whether it must be made or not.
struct BuildNode {
    let project: Int
    let source: Source
    let variant: Variant
    let lane: Lane
    let environment: String
    /// Indices of the direct upstreams' builds.
    let direct: [Int]
    let told: ExpandedRecipe
    /// Whether the recipe ends before the manifest's does.
    let partial: Bool
    let isStandIn: Bool
    let recipeDigest: String
    /// The digest over all upstreams' trees; nil while one is unknown.
    fileprivate(set) var closure: String?
    /// Nil as `closure` is.
    fileprivate(set) var key: String?
    /// What this run made of it.
    fileprivate(set) var finished: FinishedBuild?
    /// The hash of the installed tree, stored or just built.
    fileprivate(set) var tree: String?

    /// Whether it ended and cannot be built upon.
    var isRed: Bool { finished != nil && tree == nil }
}

/// What makes two builds of one plan the same.
private struct BuildIdentity: Hashable {
    let project: Int
    let source: Source
    let variant: String
    let hides: Bool
    let direct: [Int]
    let partial: Bool
    let isStandIn: Bool
}

/// The builds of one plan, each once, upstreams before downstreams.
struct BuildNodes {
    private(set) var nodes: [BuildNode] = []
    private var indices: [BuildIdentity: Int] = [:]
    private let input: PlanInput
    /// What is not built again for now, though it failed.
    private let stillBroken: Set<String>

    /// - Parameter earlier: the builds of a plan of the same run, when less was finished.
    init(_ input: PlanInput, continuing earlier: BuildNodes? = nil) {
        self.input = input
        stillBroken = input.selection.forced ? [] : input.knowledge.stillBroken(at: input.now)
        guard let earlier else { return }
        (nodes, indices) = (earlier.nodes, earlier.indices)
        for index in nodes.indices { settle(index) }
    }

    subscript(index: Int) -> BuildNode { nodes[index] }

    func name(_ index: Int) -> String { input.projects[nodes[index].project].name }

    /// The build of `project` from `source` on the builds `direct`; nil when it is not built in the variant.
    ///
    /// A stand-in is a stored prefix where there is one, whatever this run made of the same build.
    mutating func index(
        project: Int, source: Source, variant: Variant, lane: Lane, direct: [Int], until: Stage? = nil,
        isStandIn: Bool = false
    ) -> Int? {
        guard let environment = input.snapshot.environments[variant.name],
            let build = input.projects[project].builds[variant.name]
        else { return nil }
        let recipe = until.map { build.recipe.until($0) } ?? build.recipe
        let identity = BuildIdentity(
            project: project, source: source, variant: variant.name, hides: lane != .platform, direct: direct,
            partial: recipe != build.recipe, isStandIn: isStandIn)
        if let known = indices[identity] { return known }
        let expanded = ExpandedRecipe(
            recipe, of: input.projects[project],
            on: direct.map { (input.projects[nodes[$0].project], told: nodes[$0].told) }, hides: identity.hides)
        nodes.append(
            BuildNode(
                project: project, source: source, variant: variant, lane: lane, environment: environment,
                direct: direct, told: expanded, partial: identity.partial, isStandIn: isStandIn,
                recipeDigest: expanded.digest))
        settle(nodes.count - 1)
        indices[identity] = nodes.count - 1
        return nodes.count - 1
    }

    /// Fills in what is known by now; what was known stays, as nothing is unmade within a run.
    private mutating func settle(_ index: Int) {
        let node = nodes[index]
        guard node.finished == nil else { return }
        if node.key == nil {
            guard let closure = closureDigest(of: node.direct) else { return }
            nodes[index].closure = closure
            nodes[index].key = BuildKey.key(
                project: name(index), tree: node.source.tree, recipe: node.recipeDigest,
                environment: node.environment, closure: closure)
        }
        guard let key = nodes[index].key else { return }
        let stored = input.knowledge.prefixes[key]
        let known = input.finished[key] ?? (stillBroken.contains(key) ? .skipped : nil)
        let finished = node.isStandIn && stored != nil ? nil : known
        let isUsable = finished.map { $0.outcome.result == .passed } ?? true
        nodes[index].finished = finished
        // A stored prefix is never built over: a forced build that installs another tree changes nothing.
        nodes[index].tree = isUsable ? stored ?? finished?.tree : nil
    }

    /// All builds that `index` stands on, nearest first, each once.
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

    /// The sources of all builds that `index` stands on, by project.
    func upstreams(of index: Int) -> [String: Source] {
        let sources = below(index).map { (name($0), nodes[$0].source) }
        return Dictionary(sources, uniquingKeysWith: { first, _ in first })
    }

    /// What the environment must not show to `index`: the files that its project and all its upstreams provide.
    func hiddenFiles(of index: Int) -> [String] {
        guard !nodes[index].told.hidden.isEmpty else { return [] }
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
    /// What stands for a build that was decided not to be made.
    fileprivate static let skipped = FinishedBuild(outcome: Outcome(result: .skipped))
}
