// SPDX-License-Identifier: Apache-2.0

/// The sources one job is resolved to, and how red upstreams were replaced: one revision of each project in a job.
struct Vector {
    /// What each upstream stands for, before a fallback.
    let base: (Project) -> Resolution?
    private(set) var replaced: [String: Source] = [:]
    private(set) var dropped: Set<String> = []
    private(set) var red: [String] = []
    private(set) var fallback: [String: String] = [:]

    init(base: @escaping (Project) -> Resolution?) { self.base = base }

    subscript(project: Project) -> Resolution? {
        replaced[project.name].map(Resolution.source) ?? base(project)
    }

    /// Whether a last known good stands in for `project` or for one of its downstreams.
    func isReplaced(_ project: Project) -> Bool { replaced[project.name] != nil }

    /// Puts the last known good of `project` in its place, together with all that it was built on: no build mixes two
    /// revisions of one project.
    mutating func fallBack(_ project: String, to good: JobBuild) {
        noteRed(project)
        fallback[project] = good.source.revision
        replaced[project] = good.source
        replaced.merge(good.upstreams) { present, _ in present }
    }

    mutating func drop(_ project: String) {
        noteRed(project)
        dropped.insert(project)
    }

    mutating func noteRed(_ project: String) {
        if !red.contains(project) { red.append(project) }
    }
}
