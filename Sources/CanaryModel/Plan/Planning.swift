// SPDX-License-Identifier: Apache-2.0

/// Resolves jobs to builds, for one plan.
struct Planning {
    let input: PlanInput
    let indices: [String: Int]
    var nodes: BuildNodes
    private var lanes: [String: LaneNodes] = [:]

    init(_ input: PlanInput, continuing earlier: Planning? = nil) {
        self.input = input
        indices =
            earlier?.indices ?? Dictionary(uniqueKeysWithValues: input.projects.enumerated().map { ($1.name, $0) })
        nodes = BuildNodes(input, continuing: earlier?.nodes)
    }

    mutating func target(of job: JobID) -> Target {
        var target = Target(job: job)
        guard let index = indices[job.project], let variant = input.stack.variant(job.variant) else { return target }
        let project = input.projects[index]
        let resolution = input.snapshot.revisions[project.name]
        target.source = resolution?.source
        if !input.selection.includes(job) {
            target.noBuildReason = .notSelected
        } else if input.selection.unaffordable.contains(job) {
            target.noBuildReason = .unaffordable
        } else if let hold = project.hold, hold.holds(at: input.now) {
            target.noBuildReason = .held(hold)
        } else if case .failed(let reason, let detail)? = resolution {
            target.noBuildReason = .unresolved(reason, detail: detail)
        } else if input.snapshot.environments[variant.name] == nil {
            let failure = input.snapshot.environmentFailures[variant.name]
            target.noBuildReason = .unresolved(
                failure?.reason ?? .environmentEngine,
                detail: failure?.detail ?? "the environment of variant `\(variant.name)` is unknown")
        } else if let source = resolution?.source {
            resolve(&target, project: index, source: source, variant: variant)
        } else {
            target.noBuildReason = .unresolved(
                .fetchRevisionMissing, detail: "no revision of `\(project.name)` is known")
        }
        return target
    }

    private mutating func resolve(_ target: inout Target, project: Int, source: Source, variant: Variant) {
        let lane = target.job.lane
        let edges = input.projects[project].upstreams
        var direct: [Int] = []
        if lane != .platform {
            let shared = laneNodes(variant, lane)
            if shared.isClean(below: edges.map { indices[$0.project] }), !hasPins(edges) {
                direct = edges.compactMap { indices[$0.project].flatMap { shared.nodes[$0] } }
            } else if let found = upstreamsWithFallback(&target, project: project, variant: variant) {
                direct = found
            } else {
                return
            }
        }
        target.node = nodes.index(
            of: BuildSpec(
                project: project, source: source, variant: variant, lane: lane, direct: direct,
                until: input.selection.until))
        if target.node == nil {
            let detail = "`\(target.job.project)` is not built in variant `\(variant.name)`"
            target.noBuildReason = .unresolved(.environmentEngine, detail: detail)
        }
    }

    private mutating func laneNodes(_ variant: Variant, _ lane: Lane) -> LaneNodes {
        let name = "\(variant.name)/\(lane.rawValue)"
        if let known = lanes[name] { return known }
        var result = LaneNodes(nodes: Array(repeating: nil, count: input.projects.count))
        for (index, project) in input.projects.enumerated() where !isHeld(project) && !hasPins(project.upstreams) {
            let upstreams = project.upstreams.map { indices[$0.project] }
            guard result.isClean(below: upstreams), let source = upstreamSource(of: project, in: lane)?.source,
                let node = nodes.index(
                    of: BuildSpec(
                        project: index, source: source, variant: variant, lane: lane,
                        direct: upstreams.compactMap { $0.flatMap { result.nodes[$0] } })),
                !nodes[node].isRed
            else { continue }
            result.nodes[index] = node
        }
        lanes[name] = result
        return result
    }

    private func hasPins(_ edges: [Upstream]) -> Bool { edges.contains { pinned($0) != nil } }

    /// The resolution of the pin of `edge`; nil when it is not pinned, or no longer.
    func pinned(_ edge: Upstream) -> Resolution? {
        edge.pin.flatMap { input.snapshot.pins[PinnedRevision(project: edge.project, revision: $0.revision)] }
    }

    /// The resolution of `project` as an upstream in `lane`.
    func upstreamSource(of project: Project, in lane: Lane) -> Resolution? {
        if lane == .release, project.releaseTags != nil { return input.snapshot.releases[project.name] }
        return input.snapshot.revisions[project.name]
    }

    func isHeld(_ project: Project) -> Bool { project.hold?.holds(at: input.now) ?? false }
}

/// The builds of all projects as upstreams in one variant and lane, without fallbacks and pins.
private struct LaneNodes {
    /// By project; nil where nothing can be built upon it.
    var nodes: [Int?]

    /// Whether all of `projects` and all their upstreams can be built upon.
    func isClean(below projects: [Int?]) -> Bool {
        projects.allSatisfy { $0.map { nodes[$0] != nil } ?? true }
    }
}
