// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CanaryModel
import CanaryServer
import CanaryText

/// `canary graph`.
struct GraphCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "graph", abstract: "Print the dependency graph with its levels.",
        discussion: """
            A project without upstreams has level 0; every other project is one level above its highest upstream.
            """)

    enum Format: String, CaseIterable, ExpressibleByArgument {
        case text, dot, mermaid, json
    }

    @Option(name: .long, help: "The output format.")
    var format: Format = .text

    @Option(name: .long, help: ArgumentHelp("Only this project and everything downstream of it.", valueName: "project"))
    var downstreamOf: String?

    @OptionGroup var common: CommonOptions

    func run() throws {
        let graph = try common.loadStack(showingWarnings: false).graph
        let names = try downstreamOf.map { try cone(of: $0, in: graph) }
        let projects = graph.projects.filter { names?.contains($0.name) ?? true }
        switch common.json ? .json : format {
        case .text: Console.result(text(projects, graph: graph))
        case .dot: Console.result(dot(projects, names: names))
        case .mermaid: Console.result(mermaid(projects, names: names))
        case .json: Console.result(try GraphDocument(graph, only: names).json())
        }
    }

    private func cone(of name: String, in graph: ProjectGraph) throws -> Set<String> {
        guard graph[name] != nil else {
            throw BadInput(
                text: "the stack has no project `\(name)`",
                hint: NearestName.question(name, among: graph.projects.map(\.name)))
        }
        return Set([name] + graph.downstream(of: name).map(\.name))
    }

    private func text(_ projects: [Project], graph: ProjectGraph) -> String {
        var table = Table(header: ["level", "project", "upstreams"])
        for project in projects {
            let edges = project.upstreams.map { $0.optional ? "\($0.project)?" : $0.project }
            table.add([String(graph.levels[project.name] ?? 0), project.name, edges.joined(separator: " ")])
        }
        return table.text
    }

    private func edges(of projects: [Project], within names: Set<String>?) -> [(Project, Upstream)] {
        projects.flatMap { project in
            project.upstreams.filter { names?.contains($0.project) ?? true }.map { (project, $0) }
        }
    }

    private func dot(_ projects: [Project], names: Set<String>?) -> String {
        let nodes = projects.map { "  \"\($0.name)\";" }
        let arrows = edges(of: projects, within: names).map { project, edge in
            "  \"\(edge.project)\" -> \"\(project.name)\"\(edge.optional ? " [style=dashed]" : "");"
        }
        return (["digraph stack {", "  rankdir=LR;"] + nodes + arrows + ["}"]).joined(separator: "\n")
    }

    private func mermaid(_ projects: [Project], names: Set<String>?) -> String {
        let nodes = projects.map { "  \($0.name)" }
        let arrows = edges(of: projects, within: names).map { project, edge in
            "  \(edge.project) \(edge.optional ? "-.->" : "-->") \(project.name)"
        }
        return (["graph LR"] + nodes + arrows).joined(separator: "\n")
    }
}
