// SPDX-License-Identifier: Apache-2.0

package import Foundation

/// What must be resolved of one project: its branch head, and perhaps its release tags and pins.
package struct RefLookup: Sendable {
    /// The project.
    package let project: Project
    /// Whether its highest release is needed.
    package let release: Bool
    /// The pinned revisions, as written in manifests.
    package let pins: [String]

    /// The lookups that the jobs of `selection` need, in the order of the stack's projects.
    ///
    /// - Parameter now: the time at which pins are evaluated.
    package static func needed(for selection: Selection, in stack: Stack, at now: Date) -> [RefLookup] {
        var needed: Set<String> = []
        var released: Set<String> = []
        for job in stack.jobs where selection.includes(job) {
            needed.insert(job.project)
            let upstreams = job.lane == .platform ? [] : stack.graph.upstream(of: job.project)
            needed.formUnion(upstreams.map(\.name))
            if job.lane == .release { released.formUnion(upstreams.map(\.name)) }
        }
        let projects = stack.graph.projects.filter { needed.contains($0.name) }
        var pins: [String: Set<String>] = [:]
        for edge in projects.flatMap(\.upstreams) {
            if let pin = edge.pin, pin.holds(at: now) { pins[edge.project, default: []].insert(pin.revision) }
        }
        return projects.map { project in
            RefLookup(
                project: project, release: released.contains(project.name) && project.releaseTags != nil,
                pins: (pins[project.name] ?? []).sorted())
        }
    }

    /// Whether `snapshot` has a source for everything that is looked up.
    package func isResolved(in snapshot: Snapshot) -> Bool {
        let name = project.name
        return snapshot.revisions[name]?.source != nil && (!release || snapshot.releases[name]?.source != nil)
            && pins.allSatisfy { snapshot.pins[PinnedRevision(project: name, revision: $0)]?.source != nil }
    }

    /// The result of a lookup.
    package struct Answer: Sendable {
        /// What the branch resolved to.
        package var head: Resolution
        /// What the highest release resolved to, if it was looked up.
        package var release: Resolution?
        /// What the pins resolved to.
        package var pins: [String: Resolution] = [:]

        /// Makes an answer without pins.
        package init(head: Resolution, release: Resolution? = nil) {
            self.head = head
            self.release = release
        }
    }
}

extension Snapshot {
    /// Adds the result of a lookup of `project`, replacing earlier ones.
    package mutating func add(_ answer: RefLookup.Answer, of project: String) {
        revisions[project] = answer.head
        if let release = answer.release { releases[project] = release }
        for (revision, resolution) in answer.pins {
            pins[PinnedRevision(project: project, revision: revision)] = resolution
        }
    }
}
