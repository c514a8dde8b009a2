// SPDX-License-Identifier: Apache-2.0

import CanaryModel

/// The names that upstreams and receivers may use.
struct ProjectNames {
    private let known: [String]
    /// Files whose project cannot be told: a reference to one of these is no second mistake.
    private let unreadable: Set<String>

    init(known: [String], unreadable: Set<String> = []) {
        self.known = known
        self.unreadable = unreadable
    }

    func contains(_ name: String) -> Bool { known.contains(name) || unreadable.contains(name) }

    /// The project that `field` names; an unknown one is reported as a `kind`.
    func reference(_ field: Field, as kind: String = "project") -> String? {
        if case .scalar(let scalar) = field.node.content, unreadable.contains(scalar.text) { return nil }
        return field.reference(to: kind, in: known)
    }
}

/// All project files of a stack: what only all of them together can tell.
struct ProjectSet {
    struct File {
        /// The file's name without its ending.
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

    /// Opens the files and learns the names; a name that is declared twice belongs to the first file.
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
                // Its other keys are checked all the same.
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

    /// Reads all files against `context`; rings are reported, and give nil.
    func assemble(in context: ProjectContext) -> ProjectGraph? {
        let placed = manifests.compactMap { manifest in
            ProjectReader(name: manifest.name, map: manifest.map, context: context).read()
        }
        do {
            return try ProjectGraph(placed.map(\.project))
        } catch {
            reportRings(among: placed)
            return nil
        }
    }

    /// Reports one ring after the other, each with one edge taken out, until none is left.
    private func reportRings(among placed: [PlacedProject]) {
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
                let ring = (error.path + [first]).map(quoted).joined(separator: " -> ")
                start.source.error("projects consume each other: \(ring)", at: start.edges[next] ?? .start)
                edges[first]?.removeAll { $0.project == next }
            }
        }
    }
}
