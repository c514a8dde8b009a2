// SPDX-License-Identifier: Apache-2.0

/// Turns what is wanted and what is known into decisions; pure.
///
/// The engine asks again after every finished build: reuse, cut-off, fallback and blocking are this function seeing more.
package enum Planner {
    /// Decides every job of the stack and lists the builds still to be made.
    package static func plan(_ input: PlanInput) -> Plan {
        var planning = Planning(input)
        let targets = input.stack.jobs.map { planning.target(of: $0) }
        return PlanWriter(input: input, nodes: planning.nodes).plan(targets)
    }
}

/// What a job comes down to.
struct Target {
    /// What stands between a job and its build.
    enum Obstacle {
        case notSelected
        case held(Hold)
        case unresolved(ReasonCode, detail: String)
        case blocked(upstream: String, detail: String)
    }

    let job: JobID
    var source: Source?
    var node: Int?
    var obstacle: Obstacle?
    var red: [String] = []
    var fallback: [String: String] = [:]
}

/// One plan in the making.
private struct Planning {
    private let input: PlanInput
    private let indices: [String: Int]
    private(set) var nodes: BuildNodes
    private var lanes: [String: LaneNodes] = [:]

    init(_ input: PlanInput) {
        self.input = input
        indices = Dictionary(uniqueKeysWithValues: input.projects.enumerated().map { ($1.name, $0) })
        nodes = BuildNodes(input)
    }

    mutating func target(of job: JobID) -> Target {
        var target = Target(job: job)
        guard let index = indices[job.project], let variant = input.stack.variant(job.variant) else { return target }
        let project = input.projects[index]
        let head = input.snapshot.revisions[project.name]
        target.source = head?.source
        if !input.selection.includes(job) {
            target.obstacle = .notSelected
        } else if let hold = project.hold, hold.holds(at: input.now) {
            target.obstacle = .held(hold)
        } else if let source = head?.source {
            place(&target, project: index, source: source, variant: variant)
        } else if case .failed(let reason, let detail)? = head {
            target.obstacle = .unresolved(reason, detail: detail)
        } else {
            target.obstacle = .unresolved(.fetchRevisionMissing, detail: "no revision of `\(project.name)` is known")
        }
        return target
    }

    private mutating func place(_ target: inout Target, project: Int, source: Source, variant: Variant) {
        let lane = target.job.lane
        let edges = input.projects[project].upstreams
        var direct: [Int] = []
        if lane != .platform {
            let shared = laneNodes(variant, lane)
            if shared.isClean(below: edges.map { indices[$0.project] }), !hasPins(edges) {
                direct = edges.compactMap { indices[$0.project].flatMap { shared.nodes[$0] } }
            } else if let found = slowly(&target, project: project, variant: variant) {
                direct = found
            } else {
                return
            }
        }
        target.node = nodes.index(
            project: project, source: source, variant: variant, lane: lane, direct: direct,
            until: input.selection.until)
        if target.node == nil {
            let detail = "the environment of variant `\(variant.name)` is unknown"
            target.obstacle = .unresolved(.environmentEngine, detail: detail)
        }
    }

    private func hasPins(_ edges: [Upstream]) -> Bool { edges.contains { pinned($0) != nil } }

    private func pinned(_ edge: Upstream) -> Resolution? {
        edge.pin.flatMap { input.snapshot.pins[PinnedRevision(project: edge.project, revision: $0.revision)] }
    }

    private func upstreamSource(of project: Project, in lane: Lane) -> Resolution? {
        if lane == .release, project.releaseTags != nil { return input.snapshot.releases[project.name] }
        return input.snapshot.revisions[project.name]
    }

    private func isHeld(_ project: Project) -> Bool { project.hold?.holds(at: input.now) ?? false }
}

/// The builds of all projects as upstreams in one variant and lane, where nothing stands in the way.
private struct LaneNodes {
    /// By project; nil where it cannot be built upon as it is.
    var nodes: [Int?]

    /// Whether all of `projects` and all below them can be built upon.
    func isClean(below projects: [Int?]) -> Bool {
        projects.allSatisfy { $0.map { nodes[$0] != nil } ?? true }
    }
}

extension Planning {
    private mutating func laneNodes(_ variant: Variant, _ lane: Lane) -> LaneNodes {
        let name = "\(variant.name)/\(lane.rawValue)"
        if let known = lanes[name] { return known }
        var result = LaneNodes(nodes: Array(repeating: nil, count: input.projects.count))
        for (index, project) in input.projects.enumerated() where !isHeld(project) && !hasPins(project.upstreams) {
            let upstreams = project.upstreams.map { indices[$0.project] }
            guard result.isClean(below: upstreams), let source = upstreamSource(of: project, in: lane)?.source,
                let node = nodes.index(
                    project: index, source: source, variant: variant, lane: lane,
                    direct: upstreams.compactMap { $0.flatMap { result.nodes[$0] } }),
                !nodes[node].isRed
            else { continue }
            result.nodes[index] = node
        }
        lanes[name] = result
        return result
    }

    /// Places a job whose upstreams are not all as they should be: pinned, red, held or not to be had.
    ///
    /// Walks the upstreams in building order; each obstacle is removed by a last known good or, where all its consumers
    /// can do without it, by leaving it out, and the walk begins again. Nil when one cannot be removed.
    private mutating func slowly(_ target: inout Target, project: Int, variant: Variant) -> [Int]? {
        let lane = target.job.lane
        let pins = activePins(above: input.projects[project])
        let source = { [input] (upstream: Project) -> Resolution? in
            if let pin = pins[upstream.name] { return pin }
            if lane == .release, upstream.releaseTags != nil { return input.snapshot.releases[upstream.name] }
            return input.snapshot.revisions[upstream.name]
        }
        var vector = Vector(base: source)
        while true {
            var built: [String: Int] = [:]
            var obstacle: (upstream: Project, detail: String)?
            let consumers = consumers(of: project, without: vector.dropped)
            for upstream in input.stack.graph.upstream(of: input.projects[project].name)
            where consumers[upstream.name] != nil {
                if let detail = place(upstream, in: vector, variant: variant, lane: lane, built: &built) {
                    obstacle = (upstream, detail)
                    break
                }
            }
            target.red = vector.red
            target.fallback = vector.fallback
            guard let (upstream, detail) = obstacle else {
                return input.projects[project].upstreams.compactMap { built[$0.project] }
            }
            let optional = consumers[upstream.name]?.allSatisfy(\.optional) ?? false
            if !remove(upstream, from: &vector, variant: variant, lane: lane, optional: optional) {
                vector.noteRed(upstream.name)
                target.red = vector.red
                target.obstacle = .blocked(upstream: upstream.name, detail: detail)
                return nil
            }
        }
    }

    /// Notes the build of `upstream` in `built`; what stands in its way, if anything does.
    private mutating func place(
        _ upstream: Project, in vector: Vector, variant: Variant, lane: Lane, built: inout [String: Int]
    ) -> String? {
        if isHeld(upstream), !vector.isReplaced(upstream) { return "`\(upstream.name)` is held" }
        guard let index = indices[upstream.name] else { return "`\(upstream.name)` is not in the stack" }
        switch vector[upstream] {
        case .failed(let reason, _): return "`\(upstream.name)`: \(reason.sentence)"
        case nil: return "no revision of `\(upstream.name)` is known"
        case .source(let source):
            let direct = upstream.upstreams.compactMap { built[$0.project] }
            guard
                let node = nodes.index(
                    project: index, source: source, variant: variant, lane: lane, direct: direct)
            else { return "the environment of variant `\(variant.name)` is unknown" }
            if let red = nodes[node].finished, nodes[node].isRed {
                return "`\(upstream.name)` ended \(red.outcome.result.rawValue)"
            }
            built[upstream.name] = node
            return nil
        }
    }

    /// The revisions pinned for the job of `project`: its own pins, then those of its upstreams, nearest first.
    private func activePins(above project: Project) -> [String: Resolution] {
        var pins: [String: Resolution] = [:]
        var open = [project]
        var seen: Set<String> = [project.name]
        var next = 0
        while next < open.count {
            for edge in open[next].upstreams {
                if let pin = pinned(edge), pins[edge.project] == nil { pins[edge.project] = pin }
                if let upstream = input.stack.graph[edge.project], seen.insert(edge.project).inserted {
                    open.append(upstream)
                }
            }
            next += 1
        }
        return pins
    }

    /// The edges that lead to each upstream of `project`, when those in `dropped` are left out.
    private func consumers(of project: Int, without dropped: Set<String>) -> [String: [Upstream]] {
        var edges: [String: [Upstream]] = [:]
        var open = [input.projects[project]]
        while let consumer = open.popLast() {
            for edge in consumer.upstreams where !dropped.contains(edge.project) {
                if edges[edge.project] == nil, let upstream = input.stack.graph[edge.project] { open.append(upstream) }
                edges[edge.project, default: []].append(edge)
            }
        }
        return edges
    }

    private func remove(
        _ upstream: Project, from vector: inout Vector, variant: Variant, lane: Lane, optional: Bool
    ) -> Bool {
        let job = JobID(project: upstream.name, variant: variant.name, lane: .head)
        if lane == .head, input.stack.fallback == .lastKnownGood, vector.fallback[upstream.name] == nil,
            let good = input.knowledge.lastKnownGood[job]
        {
            vector.fallBack(upstream.name, to: good)
            return true
        }
        guard optional else { return false }
        vector.drop(upstream.name)
        return true
    }
}
