// SPDX-License-Identifier: Apache-2.0

/// Why an upstream has no usable build.
private struct MissingUpstream {
    /// The upstream that is the root cause.
    let cause: String
    let detail: String
}

extension Planning {
    /// Resolves the upstreams of a job where some are pinned, red, held or unavailable.
    ///
    /// It visits the upstreams in building order. One without a usable build is replaced by its last known good or, if
    /// it is optional for all its consumers, left out, and the visit starts again; otherwise its consumers have no
    /// usable build either.
    ///
    /// - Returns: the builds of the direct upstreams; nil when a required one is missing.
    mutating func upstreamsWithFallback(_ target: inout Target, project: Int, variant: Variant) -> [Int]? {
        let top = input.projects[project]
        let lane = target.job.lane
        var sources = sources(for: top, lane: lane)
        while true {
            var built: [String: Int] = [:]
            var allMissing: [String: MissingUpstream] = [:]
            let consumers = consumers(below: top, without: sources.dropped)
            let isSettled = input.stack.graph.upstream(of: top.name).allSatisfy { upstream in
                guard let edges = consumers[upstream.name] else { return true }
                let missing =
                    firstRequired(of: upstream, in: allMissing)
                    ?? build(upstream, in: sources, variant: variant, lane: lane, built: &built)
                guard let missing else { return true }
                if replaceOrDrop(upstream, in: &sources, for: target.job, optional: edges.allSatisfy(\.optional)) {
                    return false
                }
                sources.noteRed(upstream.name)
                allMissing[upstream.name] = missing
                return true
            }
            guard isSettled else { continue }
            target.red = sources.red
            if let missing = firstRequired(of: top, in: allMissing) {
                target.noBuildReason = .blocked(upstream: missing.cause, detail: missing.detail)
                return nil
            }
            target.fallback = sources.fallback
            return top.upstreams.compactMap { built[$0.project] }
        }
    }

    private func firstRequired(
        of consumer: Project, in missing: [String: MissingUpstream]
    ) -> MissingUpstream? {
        consumer.upstreams.lazy.filter { !$0.optional }.compactMap { missing[$0.project] }.first
    }

    /// Adds the build of `upstream` to `built`; returns why there is none, or nil.
    private mutating func build(
        _ upstream: Project, in sources: ResolvedSources, variant: Variant, lane: Lane, built: inout [String: Int]
    ) -> MissingUpstream? {
        let isFallback = sources.isReplaced(upstream)
        let name = upstream.name
        if isHeld(upstream), !isFallback { return MissingUpstream(cause: name, detail: "`\(name)` is held") }
        switch sources[upstream] {
        case .failed(let reason, _): return MissingUpstream(cause: name, detail: "`\(name)`: \(reason.sentence)")
        case nil: return MissingUpstream(cause: name, detail: "no revision of `\(name)` is known")
        case .source(let source):
            let node = indices[name].flatMap { index in
                nodes.index(
                    of: BuildSpec(
                        project: index, source: source, variant: variant, lane: lane,
                        direct: upstream.upstreams.compactMap { built[$0.project] }, isFallback: isFallback))
            }
            guard let node else {
                return MissingUpstream(cause: name, detail: "`\(name)` is not built in variant `\(variant.name)`")
            }
            if nodes[node].isRed {
                let result = nodes[node].finished?.outcome.result ?? .failed
                return MissingUpstream(cause: name, detail: "`\(name)` \(result.phrase)")
            }
            built[name] = node
            return nil
        }
    }

    /// Replaces `upstream` by its last known good or leaves it out; false when neither is possible.
    private func replaceOrDrop(
        _ upstream: Project, in sources: inout ResolvedSources, for job: JobID, optional: Bool
    ) -> Bool {
        let own = JobID(project: upstream.name, variant: job.variant, lane: .head)
        if job.lane == .head, input.stack.fallback == .lastKnownGood, sources.fallback[upstream.name] == nil,
            let good = input.knowledge.lastKnownGood[own]
        {
            sources.fallBack(upstream.name, to: good)
            return true
        }
        guard optional else { return false }
        sources.drop(upstream.name)
        return true
    }

    /// The sources of the upstreams of `top`: its own pins, then those of its upstreams, nearest first, then the lane.
    private func sources(for top: Project, lane: Lane) -> ResolvedSources {
        var pins: [String: Resolution] = [:]
        for edge in input.stack.graph.edges(nearestTo: top) where pins[edge.project] == nil {
            pins[edge.project] = pinned(edge)
        }
        let others = input.stack.graph.upstream(of: top.name).filter { pins[$0.name] == nil }
        let base = others.map { ($0.name, upstreamSource(of: $0, in: lane)) }
        return ResolvedSources(
            base: Dictionary(uniqueKeysWithValues: base).compactMapValues { $0 }.merging(pins) { $1 },
            pinned: Set(pins.keys))
    }

    /// The edges to each upstream of `top`, without those to upstreams in `dropped`.
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
