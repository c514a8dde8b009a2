// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import CanaryText

/// The names that upstreams and receivers may use.
struct ProjectNames {
    let known: [String]
    /// Files whose project name cannot be read: a reference to one of these is not reported too.
    var unreadable: Set<String> = []

    func contains(_ name: String) -> Bool { known.contains(name) || unreadable.contains(name) }

    /// The project that `field` names; an unknown one is reported as a `kind`.
    func reference(_ field: Field, as kind: String = "project") -> String? {
        if case .scalar(let scalar) = field.node.content, unreadable.contains(scalar.text) { return nil }
        return field.reference(to: kind, in: known)
    }
}

/// All project files of a stack, for the checks that need all of them.
struct ProjectSet {
    struct File {
        /// The file's name without its extension.
        let stem: String
        let source: Source
        /// Nil when the file could not be read.
        let root: Node?
    }

    private struct Manifest {
        let name: String
        let map: MapReader
    }

    let names: ProjectNames
    private let manifests: [Manifest]

    /// Opens the files and collects the names; a name that is declared twice belongs to the first file.
    init(_ files: [File]) {
        var manifests: [Manifest] = []
        var unreadable: Set<String> = []
        var places: [String: String] = [:]
        for file in files {
            let field = file.root.map { Field(root: $0, source: file.source) }
            let map = field.flatMap { MapReader($0, as: .project) }
            let name = map?.required("project")
            guard let map, let name, let text = name.projectName() else {
                unreadable.insert(file.stem)
                // Its other keys are checked nevertheless.
                if let map { manifests.append(Manifest(name: "", map: map)) }
                continue
            }
            let position = name.node.position
            if let first = places[text] {
                name.source.error("project \(quoted(text)) is declared twice, first at \(first)", at: position)
            } else {
                places[text] = "\(file.source.path):\(position.line):\(position.column)"
            }
            manifests.append(Manifest(name: text, map: map))
        }
        self.manifests = manifests
        names = ProjectNames(known: places.keys.sorted(), unreadable: unreadable)
    }

    /// Reads all files against `context`; nil, with a report, when there are dependency cycles.
    func assemble(in context: ProjectContext) -> ProjectGraph? {
        let placed = manifests.compactMap { manifest in
            ProjectReader(name: manifest.name, map: manifest.map, context: context).read()
        }
        do {
            return try ProjectGraph(placed.map(\.project))
        } catch {
            reportCycles(among: placed)
            return nil
        }
    }

    /// Reports one cycle after the other, removing one edge of each, until none is left.
    private func reportCycles(among placed: [PlacedProject]) {
        let byName = Dictionary(placed.map { ($0.project.name, $0) }, uniquingKeysWith: { first, _ in first })
        var edges = byName.mapValues { $0.project.upstreams }
        while true {
            do throws(ProjectGraph.Cycle) {
                _ = try ProjectGraph(
                    edges.map { Project(name: $0.key, location: .folder("."), upstreams: $0.value, builds: [:]) })
                return
            } catch {
                guard let first = error.path.first, let start = byName[first] else { return }
                let next = error.path.count > 1 ? error.path[1] : first
                let cycle = (error.path + [first]).map { quoted($0) }.joined(separator: " -> ")
                start.source.error("dependency cycle: \(cycle)", at: start.edges[next] ?? .start)
                edges[first]?.removeAll { $0.project == next }
            }
        }
    }
}
