// SPDX-License-Identifier: Apache-2.0

import CanaryModel

/// The layout of a dependency graph: one column for each level, with few crossings.
///
/// An edge over several levels has its own slot in each column between, so that no line runs through a project.
/// Deterministic.
struct GraphLayout {
    /// A position in a column.
    enum Slot: Hashable {
        case project(Int)
        /// The edge with this number passes here.
        case bend(edge: Int, level: Int)
    }

    /// An edge, by the numbers of its projects.
    struct Edge: Hashable {
        let from: Int
        let to: Int
        let isOptional: Bool
        /// The slots on its path, with its two projects.
        let slots: [Slot]
    }

    private(set) var columns: [[Slot]]
    let edges: [Edge]

    init(_ graph: ProjectGraph) {
        let numbers = Dictionary(
            graph.projects.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
        let levels = graph.projects.map { graph.levels[$0.name] ?? 0 }
        var columns = [[Slot]](repeating: [], count: (levels.max() ?? -1) + 1)
        for (index, level) in levels.enumerated() { columns[level].append(.project(index)) }
        var edges: [Edge] = []
        for (to, project) in graph.projects.enumerated() {
            for upstream in project.upstreams {
                guard let from = numbers[upstream.project] else { continue }
                let number = edges.count
                let bends = (levels[from] + 1..<max(levels[from] + 1, levels[to]))
                    .map { Slot.bend(edge: number, level: $0) }
                for (offset, bend) in bends.enumerated() { columns[levels[from] + 1 + offset].append(bend) }
                edges.append(
                    Edge(
                        from: from, to: to, isOptional: upstream.optional,
                        slots: [.project(from)] + bends + [.project(to)]))
            }
        }
        self.columns = columns
        self.edges = edges
        for sweep in 0..<6 { order(downward: sweep.isMultiple(of: 2)) }
    }

    /// Sorts each column by the mean position of its neighbours in the previous (or next) column.
    private mutating func order(downward: Bool) {
        var neighbours: [Slot: [Slot]] = [:]
        for edge in edges {
            for (left, right) in zip(edge.slots, edge.slots.dropFirst()) {
                neighbours[downward ? right : left, default: []].append(downward ? left : right)
            }
        }
        let order = downward ? Array(columns.indices.dropFirst()) : Array(columns.indices.dropLast().reversed())
        for column in order {
            let other = columns[downward ? column - 1 : column + 1]
            let height = Double(max(1, other.count))
            let slots = Dictionary(
                other.enumerated().map { ($1, (Double($0) + 0.5) / height) }, uniquingKeysWith: { first, _ in first })
            let own = Double(max(1, columns[column].count))
            let keyed = columns[column].enumerated().map { index, slot in
                let known = (neighbours[slot] ?? []).compactMap { slots[$0] }
                let mean = known.isEmpty ? (Double(index) + 0.5) / own : known.reduce(0, +) / Double(known.count)
                return (slot: slot, key: mean, index: index)
            }
            columns[column] = keyed.sorted { ($0.key, $0.index) < ($1.key, $1.index) }.map(\.slot)
        }
    }
}
