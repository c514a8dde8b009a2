// SPDX-License-Identifier: Apache-2.0

extension ProjectGraph {
    /// The edges of `top` and of all its upstreams, those of the nearest consumers first.
    package func edges(nearestTo top: Project) -> [Upstream] {
        var order = [top]
        var seen: Set<String> = [top.name]
        var next = 0
        while next < order.count {
            for edge in order[next].upstreams where seen.insert(edge.project).inserted {
                if let upstream = self[edge.project] { order.append(upstream) }
            }
            next += 1
        }
        return order.flatMap(\.upstreams)
    }
}

extension Snapshot {
    /// What a job of `top` in `lane` is built from: its own branch head, and its upstreams where pins or the lane have them.
    ///
    /// A project whose lookup is missing is left out.
    package func resolutions(of top: Project, in lane: Lane, _ graph: ProjectGraph) -> [String: Resolution] {
        var sources: [String: Resolution] = [:]
        for edge in lane == .platform ? [] : graph.edges(nearestTo: top) {
            let pin = edge.pin.flatMap { pins[PinnedRevision(project: edge.project, revision: $0.revision)] }
            if let pin, sources[edge.project] == nil { sources[edge.project] = pin }
        }
        for upstream in lane == .platform ? [] : graph.upstream(of: top.name) where sources[upstream.name] == nil {
            let isReleased = lane == .release && upstream.releaseTags != nil
            sources[upstream.name] = isReleased ? releases[upstream.name] : revisions[upstream.name]
        }
        sources[top.name] = revisions[top.name]
        return sources
    }
}
