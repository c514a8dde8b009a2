// SPDX-License-Identifier: Apache-2.0

/// The projects of a stack in building order: upstreams before downstreams, ties by name.
package struct ProjectGraph: Sendable {
    /// All projects, each after all its upstreams.
    package let projects: [Project]
    /// The length of the longest chain of upstreams of each project, by name.
    package let levels: [String: Int]
    private let positions: [String: Int]
    private let consumers: [[Int]]

    /// A dependency cycle.
    package struct Cycle: Error, Equatable {
        /// The projects of the cycle: each depends on the next, the last on the first.
        package let path: [String]
    }

    /// Orders `projects`; edges to unknown names are ignored.
    ///
    /// - Throws: `Cycle` with one of the cycles, always the same one for the same projects.
    package init(_ projects: [Project]) throws(Cycle) {
        let byName = Dictionary(projects.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        var levels: [String: Int] = [:]
        for name in byName.keys.sorted() {
            var path: [String] = []
            _ = try Self.level(of: name, in: byName, levels: &levels, path: &path)
        }
        let ordered = byName.values.sorted { (levels[$0.name] ?? 0, $0.name) < (levels[$1.name] ?? 0, $1.name) }
        let positions = Dictionary(uniqueKeysWithValues: ordered.enumerated().map { ($1.name, $0) })
        var consumers = Array(repeating: [Int](), count: ordered.count)
        for (index, project) in ordered.enumerated() {
            for edge in project.upstreams {
                if let upstream = positions[edge.project] { consumers[upstream].append(index) }
            }
        }
        self.projects = ordered
        self.levels = levels
        self.positions = positions
        self.consumers = consumers
    }

    private static func level(
        of name: String, in projects: [String: Project], levels: inout [String: Int], path: inout [String]
    ) throws(Cycle) -> Int {
        if let known = levels[name] { return known }
        if let start = path.firstIndex(of: name) { throw Cycle(path: Array(path[start...])) }
        path.append(name)
        var level = 0
        for edge in projects[name]?.upstreams ?? [] where projects[edge.project] != nil {
            level = max(level, 1 + (try Self.level(of: edge.project, in: projects, levels: &levels, path: &path)))
        }
        path.removeLast()
        levels[name] = level
        return level
    }

    /// The project called `name`.
    package subscript(name: String) -> Project? { positions[name].map { projects[$0] } }

    /// Everything that consumes `name`, directly or not, in building order; without `name` itself.
    package func downstream(of name: String) -> [Project] {
        guard let start = positions[name] else { return [] }
        var reached: Set<Int> = []
        var open = [start]
        while let next = open.popLast() {
            for consumer in consumers[next] where reached.insert(consumer).inserted { open.append(consumer) }
        }
        return reached.sorted().map { projects[$0] }
    }

    /// Everything `name` consumes, directly or not, in building order; without `name` itself.
    package func upstream(of name: String) -> [Project] {
        guard let start = positions[name] else { return [] }
        var reached: Set<Int> = []
        var open = [start]
        while let next = open.popLast() {
            for edge in projects[next].upstreams {
                if let upstream = positions[edge.project], reached.insert(upstream).inserted { open.append(upstream) }
            }
        }
        return reached.sorted().map { projects[$0] }
    }
}
