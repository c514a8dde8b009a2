// SPDX-License-Identifier: Apache-2.0

/// Why an upstream cannot be had.
private struct Absence {
    /// The upstream it began with.
    let cause: String
    let detail: String
}

extension Planning {
    /// Places a job whose upstreams are not all as they should be: pinned, red, held or not to be had.
    ///
    /// Walks the upstreams in building order. One that stands in the way is replaced by its last known good or, where
    /// all its consumers can do without it, left out, and the walk begins again; else it stands in the way of its
    /// consumers in turn. Gives the direct upstreams' builds; nil when a required one cannot be had.
    mutating func detour(_ target: inout Target, project: Int, variant: Variant) -> [Int]? {
        let top = input.projects[project]
        let lane = target.job.lane
        var vector = vector(for: top, lane: lane)
        while true {
            var built: [String: Int] = [:]
            var absent: [String: Absence] = [:]
            let consumers = consumers(below: top, without: vector.dropped)
            let isSettled = input.stack.graph.upstream(of: top.name).allSatisfy { upstream in
                guard let edges = consumers[upstream.name] else { return true }
                let absence =
                    missing(upstream, among: absent)
                    ?? place(upstream, in: vector, variant: variant, lane: lane, built: &built)
                guard let absence else { return true }
                if isRemoved(upstream, from: &vector, in: target.job, optional: edges.allSatisfy(\.optional)) {
                    return false
                }
                vector.noteRed(upstream.name)
                absent[upstream.name] = absence
                return true
            }
            guard isSettled else { continue }
            target.red = vector.red
            if let absence = missing(top, among: absent) {
                target.obstacle = .blocked(upstream: absence.cause, detail: absence.detail)
                return nil
            }
            target.fallback = vector.fallback
            return top.upstreams.compactMap { built[$0.project] }
        }
    }

    private func missing(_ consumer: Project, among absent: [String: Absence]) -> Absence? {
        consumer.upstreams.lazy.filter { !$0.optional }.compactMap { absent[$0.project] }.first
    }

    /// Notes the build of `upstream` in `built`; what stands in its way, if anything does.
    private mutating func place(
        _ upstream: Project, in vector: ResolvedSources, variant: Variant, lane: Lane, built: inout [String: Int]
    ) -> Absence? {
        let isStandIn = vector.isReplaced(upstream)
        let name = upstream.name
        if isHeld(upstream), !isStandIn { return Absence(cause: name, detail: "`\(name)` is held") }
        switch vector[upstream] {
        case .failed(let reason, _): return Absence(cause: name, detail: "`\(name)`: \(reason.sentence)")
        case nil: return Absence(cause: name, detail: "no revision of `\(name)` is known")
        case .source(let source):
            let node = indices[name].flatMap { index in
                nodes.index(
                    project: index, source: source, variant: variant, lane: lane,
                    direct: upstream.upstreams.compactMap { built[$0.project] }, isStandIn: isStandIn)
            }
            guard let node else {
                return Absence(cause: name, detail: "`\(name)` is not built in variant `\(variant.name)`")
            }
            if nodes[node].isRed {
                let result = nodes[node].finished?.outcome.result ?? .failed
                return Absence(cause: name, detail: "`\(name)` ended \(result.rawValue)")
            }
            built[name] = node
            return nil
        }
    }

    /// Takes `upstream` out of the way, if that can be done.
    private func isRemoved(_ upstream: Project, from vector: inout ResolvedSources, in job: JobID, optional: Bool)
        -> Bool
    {
        let own = JobID(project: upstream.name, variant: job.variant, lane: .head)
        if job.lane == .head, input.stack.fallback == .lastKnownGood, vector.fallback[upstream.name] == nil,
            let good = input.knowledge.lastKnownGood[own]
        {
            vector.fallBack(upstream.name, to: good)
            return true
        }
        guard optional else { return false }
        vector.drop(upstream.name)
        return true
    }

    /// What the upstreams of `top` stand for: its own pins, then those of its upstreams, nearest first; else the lane's.
    private func vector(for top: Project, lane: Lane) -> ResolvedSources {
        var pins: [String: Resolution] = [:]
        for consumer in consumersFirst(from: top) {
            for edge in consumer.upstreams where pins[edge.project] == nil { pins[edge.project] = pinned(edge) }
        }
        let others = input.stack.graph.upstream(of: top.name).filter { pins[$0.name] == nil }
        let base = others.map { ($0.name, upstreamSource(of: $0, in: lane)) }
        return ResolvedSources(
            base: Dictionary(uniqueKeysWithValues: base).compactMapValues { $0 }.merging(pins) { $1 },
            pinned: Set(pins.keys))
    }

    /// `top` and all it consumes, nearest first.
    private func consumersFirst(from top: Project) -> [Project] {
        var order = [top]
        var seen: Set<String> = [top.name]
        var next = 0
        while next < order.count {
            for edge in order[next].upstreams where seen.insert(edge.project).inserted {
                if let upstream = input.stack.graph[edge.project] { order.append(upstream) }
            }
            next += 1
        }
        return order
    }

    /// The edges that lead to each upstream of `top`, when those in `dropped` are left out.
    private func consumers(below top: Project, without dropped: Set<String>) -> [String: [Upstream]] {
        var edges: [String: [Upstream]] = [:]
        var open = [top]
        while let consumer = open.popLast() {
            for edge in consumer.upstreams where !dropped.contains(edge.project) {
                if edges[edge.project] == nil, let upstream = input.stack.graph[edge.project] { open.append(upstream) }
                edges[edge.project, default: []].append(edge)
            }
        }
        return edges
    }
}
