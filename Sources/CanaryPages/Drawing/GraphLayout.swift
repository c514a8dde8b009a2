// SPDX-License-Identifier: Apache-2.0

import CanaryModel

/// Where the projects of a graph stand in its drawing: a column a level, few crossings.
///
/// Edges over several levels pass through a place of their own in each column between, so that no line runs through a
/// project. Deterministic.
struct GraphLayout {
    /// A place in a column.
    enum Place: Hashable {
        case project(Int)
        /// Where the edge with this number passes.
        case bend(edge: Int, level: Int)
    }

    /// An edge, by the numbers of its projects.
    struct Edge: Hashable {
        let from: Int
        let to: Int
        let isOptional: Bool
        /// What it passes, its two projects included.
        let places: [Place]
    }

    private(set) var columns: [[Place]]
    let edges: [Edge]

    init(_ graph: ProjectGraph) {
        let numbers = Dictionary(
            graph.projects.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
        let levels = graph.projects.map { graph.levels[$0.name] ?? 0 }
        var columns = [[Place]](repeating: [], count: (levels.max() ?? -1) + 1)
        for (index, level) in levels.enumerated() { columns[level].append(.project(index)) }
        var edges: [Edge] = []
        for (to, project) in graph.projects.enumerated() {
            for upstream in project.upstreams {
                guard let from = numbers[upstream.project] else { continue }
                let number = edges.count
                let bends = (levels[from] + 1..<max(levels[from] + 1, levels[to]))
                    .map { Place.bend(edge: number, level: $0) }
                for (offset, bend) in bends.enumerated() { columns[levels[from] + 1 + offset].append(bend) }
                edges.append(
                    Edge(
                        from: from, to: to, isOptional: upstream.optional,
                        places: [.project(from)] + bends + [.project(to)]))
            }
        }
        self.columns = columns
        self.edges = edges
        for sweep in 0..<6 { order(downward: sweep.isMultiple(of: 2)) }
    }

    /// Sorts each column by the mean place of its neighbours in the column before it (or behind it).
    private mutating func order(downward: Bool) {
        var neighbours: [Place: [Place]] = [:]
        for edge in edges {
            for (left, right) in zip(edge.places, edge.places.dropFirst()) {
                neighbours[downward ? right : left, default: []].append(downward ? left : right)
            }
        }
        let order = downward ? Array(columns.indices.dropFirst()) : Array(columns.indices.dropLast().reversed())
        for column in order {
            let other = columns[downward ? column - 1 : column + 1]
            let height = Double(max(1, other.count))
            let places = Dictionary(
                other.enumerated().map { ($1, (Double($0) + 0.5) / height) }, uniquingKeysWith: { first, _ in first })
            let own = Double(max(1, columns[column].count))
            let keyed = columns[column].enumerated().map { index, place in
                let known = (neighbours[place] ?? []).compactMap { places[$0] }
                let mean = known.isEmpty ? (Double(index) + 0.5) / own : known.reduce(0, +) / Double(known.count)
                return (place: place, key: mean, index: index)
            }
            columns[column] = keyed.sorted { ($0.key, $0.index) < ($1.key, $1.index) }.map(\.place)
        }
    }
}
