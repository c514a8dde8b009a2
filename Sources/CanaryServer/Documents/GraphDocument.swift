// SPDX-License-Identifier: Apache-2.0

package import CanaryModel
import CanaryText

/// `canary.graph/1`: the projects in build order.
package struct GraphDocument: Document {
    package let schema = "canary.graph/1"
    let projects: [Entry]

    struct Entry: Encodable, Sendable {
        let project: String
        let level: Int
        let upstreams: [Edge]
    }

    struct Edge: Encodable, Sendable {
        let project: String
        let optional: Bool
    }

    /// The document of the projects of `graph` in `names`; nil means all.
    package init(_ graph: ProjectGraph, only names: Set<String>? = nil) {
        projects = graph.projects.filter { names?.contains($0.name) ?? true }.map { project in
            Entry(
                project: project.name, level: graph.levels[project.name] ?? 0,
                upstreams: project.upstreams.filter { names?.contains($0.project) ?? true }
                    .map { Edge(project: $0.project, optional: $0.optional) })
        }
    }
}
