// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import CanaryText

/// The dependency graph as SVG: upstreams left, downstreams right, what a broken project may reach lit.
struct GraphDrawing {
    /// The drawing; nothing else is made.
    let svg: String

    private struct Box {
        let x: Int
        let y: Int
    }

    private static let gap = 56
    private static let (boxHeight, boxGap, bendHeight) = (26, 14, 16)

    /// - Parameter culprits: for each broken job the projects whose commits broke it, as far as they are known.
    init(_ graph: ProjectGraph, states: [JobID: JobState], culprits: [JobID: Set<String>]) {
        let layout = GraphLayout(graph)
        let worst = Self.worst(graph, states)
        let blame = culprits.filter { states[$0.key]?.shape == .broken }
        let sources = blame.values.reduce(into: Set<String>()) { $0.formUnion($1) }
        let cone = Self.cone(graph, worst, blame)
        let widths = graph.projects.map { 42 + 15 * $0.name.count / 2 }
        let (boxes, width, height) = Self.places(layout, widths: widths)
        var drawn = layout.edges.map { edge in
            let isLit = cone.contains(edge.to) && cone.contains(edge.from)
            return (isLit: isLit, svg: Self.path(edge, boxes, widths, isLit: isLit))
        }
        drawn.sort { !$0.isLit && $1.isLit }
        let nodes = graph.projects.indices.compactMap { index in
            boxes[.project(index)].map { box in
                let name = graph.projects[index].name
                return Self.node(
                    name, at: box, width: widths[index], shape: worst[index],
                    light: sources.contains(name) ? .source : cone.contains(index) ? .lit : .none)
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

    /// The broken projects, all that is downstream of them, and the way to them from what broke them.
    private static func cone(_ graph: ProjectGraph, _ worst: [Shape], _ blame: [JobID: Set<String>]) -> Set<Int> {
        var names: Set<String> = []
        for (index, shape) in worst.enumerated() where shape == .broken {
            names.insert(graph.projects[index].name)
            names.formUnion(graph.downstream(of: graph.projects[index].name).map(\.name))
        }
        for (job, sources) in blame {
            let above = Set(graph.upstream(of: job.project).map(\.name))
            for source in sources where above.contains(source) {
                names.insert(source)
                names.formUnion(graph.downstream(of: source).map(\.name).filter(above.contains))
            }
        }
        return Set(graph.projects.indices.filter { names.contains(graph.projects[$0].name) })
    }

    private static func places(
        _ layout: GraphLayout, widths: [Int]
    ) -> (boxes: [GraphLayout.Place: Box], width: Int, height: Int) {
        let heights = layout.columns.map { column in column.reduce(0) { $0 + extent(of: $1) } }
        let height = max(heights.max() ?? 0, boxHeight) + 8
        var boxes: [GraphLayout.Place: Box] = [:]
        var x = 4
        for (column, total) in zip(layout.columns, heights) {
            var y = (height - total) / 2
            var widest = 0
            for place in column {
                boxes[place] = Box(x: x, y: y + extent(of: place) / 2)
                y += extent(of: place)
                if case .project(let index) = place { widest = max(widest, widths[index]) }
            }
            // Bends are as wide as the widest project of their column.
            x += widest + gap
        }
        return (boxes, max(x - gap + 4, 40), height)
    }

    private static func extent(of place: GraphLayout.Place) -> Int {
        if case .project = place { boxHeight + boxGap } else { bendHeight }
    }

    private static func path(
        _ edge: GraphLayout.Edge, _ boxes: [GraphLayout.Place: Box], _ widths: [Int], isLit: Bool
    ) -> String {
        var path = ""
        var last = Box(x: 0, y: 0)
        for (index, place) in edge.places.enumerated() {
            guard let box = boxes[place] else { continue }
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

    private enum Light: String {
        case none = ""
        case lit = " lit"
        case source = " lit source"

        var spoken: String {
            switch self {
            case .none: ""
            case .lit: ", in reach of what is broken"
            case .source: ", what broke others"
            }
        }
    }

    private static func node(_ name: String, at box: Box, width: Int, shape: Shape, light: Light) -> String {
        let text = HTMLText.html(name)
        let top = box.y - boxHeight / 2
        return """
            <a class="g \(shape.rawValue)\(light.rawValue)" href="#p-\(text)" \
            aria-label="\(text): \(shape.rawValue)\(light.spoken)"><rect x="\(box.x)" y="\(top)" width="\(width)" \
            height="\(boxHeight)" rx="4"/><use href="#s-\(shape.rawValue)" x="\(box.x + 7)" y="\(box.y - 7)" width="14" \
            height="14"/><text x="\(box.x + 28)" y="\(box.y + 4)">\(text)</text></a>
            """
    }
}
