// SPDX-License-Identifier: Apache-2.0

import CanaryModel

/// The dependency graph as SVG: upstreams left, downstreams right, the broken projects and their surroundings highlighted.
struct GraphDrawing {
    /// The drawing.
    let svg: String

    private struct Box {
        let x: Int
        let y: Int
    }

    private static let gap = 56
    private static let (boxHeight, boxGap, bendHeight) = (26, 14, 16)

    /// - Parameter culprits: for each broken job, the projects whose commits broke it, if known.
    init(_ graph: ProjectGraph, states: [JobID: JobState], culprits: [JobID: Set<String>]) {
        let layout = GraphLayout(graph)
        let worst = Self.worst(graph, states)
        let culpritsOfBroken = culprits.filter { states[$0.key]?.shape == .broken }
        let sources = culpritsOfBroken.values.reduce(into: Set<String>()) { $0.formUnion($1) }
        let affected = Self.affected(graph, worst, culpritsOfBroken)
        let widths = graph.projects.map { 42 + 15 * $0.name.count / 2 }
        let (boxes, width, height) = Self.boxes(layout, widths: widths)
        var drawn = layout.edges.map { edge in
            let isLit = affected.contains(edge.to) && affected.contains(edge.from)
            return (isLit: isLit, svg: Self.path(edge, boxes, widths, isLit: isLit))
        }
        drawn.sort { !$0.isLit && $1.isLit }
        let nodes = graph.projects.indices.compactMap { index in
            boxes[.project(index)].map { box in
                let name = graph.projects[index].name
                return Self.node(
                    name, at: box, width: widths[index], shape: worst[index],
                    emphasis: sources.contains(name) ? .source : affected.contains(index) ? .lit : .none)
            }
        }
        svg = """
            <svg class="graph" viewBox="0 0 \(width) \(height)" width="\(width)" height="\(height)" role="group" \
            aria-label="Dependency graph">\(drawn.map(\.svg).joined())\(nodes.joined())</svg>
            """
    }

    /// The worst shape among the jobs of each project.
    private static func worst(_ graph: ProjectGraph, _ states: [JobID: JobState]) -> [Shape] {
        var byProject: [String: Shape] = [:]
        for (job, state) in states where byProject[job.project].map({ state.shape.rank < $0.rank }) ?? true {
            byProject[job.project] = state.shape
        }
        return graph.projects.map { byProject[$0.name] ?? .unknown }
    }

    /// The broken projects, everything downstream of them, and the paths to them from the projects that broke them.
    private static func affected(_ graph: ProjectGraph, _ worst: [Shape], _ culpritsOfBroken: [JobID: Set<String>])
        -> Set<Int>
    {
        var names: Set<String> = []
        for (index, shape) in worst.enumerated() where shape == .broken {
            names.insert(graph.projects[index].name)
            names.formUnion(graph.downstream(of: graph.projects[index].name).map(\.name))
        }
        for (job, sources) in culpritsOfBroken {
            let above = Set(graph.upstream(of: job.project).map(\.name))
            for source in sources where above.contains(source) {
                names.insert(source)
                names.formUnion(graph.downstream(of: source).map(\.name).filter(above.contains))
            }
        }
        return Set(graph.projects.indices.filter { names.contains(graph.projects[$0].name) })
    }

    private static func boxes(
        _ layout: GraphLayout, widths: [Int]
    ) -> (boxes: [GraphLayout.Slot: Box], width: Int, height: Int) {
        let heights = layout.columns.map { column in column.reduce(0) { $0 + extent(of: $1) } }
        let height = max(heights.max() ?? 0, boxHeight) + 8
        var boxes: [GraphLayout.Slot: Box] = [:]
        var x = 4
        for (column, total) in zip(layout.columns, heights) {
            var y = (height - total) / 2
            var widest = 0
            for slot in column {
                boxes[slot] = Box(x: x, y: y + extent(of: slot) / 2)
                y += extent(of: slot)
                if case .project(let index) = slot { widest = max(widest, widths[index]) }
            }
            // Bends are as wide as the widest project of their column.
            x += widest + gap
        }
        return (boxes, max(x - gap + 4, 40), height)
    }

    private static func extent(of slot: GraphLayout.Slot) -> Int {
        if case .project = slot { boxHeight + boxGap } else { bendHeight }
    }

    private static func path(
        _ edge: GraphLayout.Edge, _ boxes: [GraphLayout.Slot: Box], _ widths: [Int], isLit: Bool
    ) -> String {
        var path = ""
        var last = Box(x: 0, y: 0)
        for (index, slot) in edge.slots.enumerated() {
            guard let box = boxes[slot] else { continue }
            if index == 0 {
                last = Box(x: box.x + widths[edge.from], y: box.y)
                path = "M\(last.x) \(last.y)"
                continue
            }
            let middle = min(40, max(12, (box.x - last.x) / 2))
            if last.x < box.x - 2 * middle {
                path += "H\(box.x - 2 * middle)"
            }
            path += "C\(box.x - middle) \(last.y) \(box.x - middle) \(box.y) \(box.x) \(box.y)"
            last = box
        }
        let style = "e\(edge.isOptional ? " optional" : "")\(isLit ? " lit" : "")"
        return "<path class=\"\(style)\" d=\"\(path)\"/>"
    }

    private enum Emphasis: String {
        case none = ""
        case lit = " lit"
        case source = " lit source"

        var label: String {
            switch self {
            case .none: ""
            case .lit: ", connected to the breakage"
            case .source: ", source of the breakage"
            }
        }
    }

    private static func node(_ name: String, at box: Box, width: Int, shape: Shape, emphasis: Emphasis) -> String {
        let text = HTMLText.html(name)
        let top = box.y - boxHeight / 2
        return """
            <a class="g \(shape.rawValue)\(emphasis.rawValue)" href="#p-\(text)" \
            aria-label="\(text): \(shape.rawValue)\(emphasis.label)"><rect x="\(box.x)" y="\(top)" width="\(width)" \
            height="\(boxHeight)" rx="4"/><use href="#s-\(shape.rawValue)" x="\(box.x + 7)" y="\(box.y - 7)" width="14" \
            height="14"/><text x="\(box.x + 28)" y="\(box.y + 4)">\(text)</text></a>
            """
    }
}
