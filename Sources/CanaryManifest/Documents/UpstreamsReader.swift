// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import CanaryText

/// Reads `upstreams:` of a project.
struct UpstreamsReader {
    struct Edge {
        let upstream: Upstream
        let position: Position
    }

    /// The project whose upstreams these are.
    let consumer: String
    let context: ProjectContext

    /// The edges to projects of the stack; nil stands for a key that is not written.
    func read(_ field: Field?) -> [Edge] {
        var seen: Set<String> = []
        return field?.list { element in
            guard let (edge, name) = self.edge(element) else { return nil }
            let upstream = edge.upstream.project
            guard seen.insert(upstream).inserted else {
                element.source.error("upstream \(quoted(upstream)) is listed twice", at: edge.position)
                return nil
            }
            guard upstream != consumer else {
                element.source.error("project \(quoted(consumer)) depends on itself", at: edge.position)
                return nil
            }
            return isInStack(edge.upstream, name: name) ? edge : nil
        } ?? []
    }

    private func isInStack(_ upstream: Upstream, name: Field) -> Bool {
        guard !context.projects.contains(upstream.project) else { return true }
        guard upstream.optional else {
            _ = context.projects.reference(name, as: "upstream")
            return false
        }
        let absent = "optional upstream \(quoted(upstream.project)) is not in the stack"
        name.source.warning("\(absent): \(quoted(consumer)) is built without it", at: name.node.position)
        return false
    }

    private func edge(_ field: Field) -> (Edge, name: Field)? {
        if case .scalar = field.node.content {
            return field.projectName().map { name in
                (Edge(upstream: Upstream(project: name), position: field.node.position), field)
            }
        }
        guard let map = MapReader(field, as: .upstream) else { return nil }
        let pin = self.pin(map)
        let optional = map["optional"]?.flag() ?? false
        let proof = map["proof"]?.list { $0.line(.cacheVariable) } ?? []
        guard let name = map.required("project"), let project = name.projectName() else { return nil }
        let upstream = Upstream(project: project, optional: optional, pin: pin, proof: proof)
        return (Edge(upstream: upstream, position: name.node.position), name)
    }

    private func pin(_ map: MapReader) -> Pin? {
        let revision = map["at"]?.line(.gitReference("revision"))
        let until = map["until"]?.date()
        let reason = map["reason"]?.paragraph()
        guard map["at"] != nil else {
            for key in ["until", "reason"] {
                guard let field = map[key] else { continue }
                map.source.error("`\(key)` belongs to a pin, expected `at` beside it", at: field.keyPosition)
            }
            return nil
        }
        guard let revision else { return nil }
        let pin = Pin(revision: revision, until: until, reason: reason)
        if let until, let field = map["until"], !pin.holds(at: context.now) {
            let message = "the pin at \(quoted(revision)) ended on \(until.day): the head is used"
            map.source.warning(message, at: field.node.position, hint: "remove the pin, or give it a new date")
        }
        return pin
    }
}
