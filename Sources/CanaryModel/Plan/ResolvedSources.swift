// SPDX-License-Identifier: Apache-2.0

/// The sources one job is resolved to, and how red upstreams were replaced: one revision of each project in a job.
struct ResolvedSources {
    private let base: [String: Resolution]
    private let pinned: Set<String>
    private var standIns: [(project: String, good: JobBuild)] = []
    private var replaced: [String: Source] = [:]
    private(set) var dropped: Set<String> = []
    private(set) var red: [String] = []

    /// - Parameters:
    ///   - base: what each upstream stands for, before a fallback.
    ///   - pinned: the upstreams that only a last known good of their own may replace.
    init(base: [String: Resolution], pinned: Set<String>) {
        self.base = base
        self.pinned = pinned
    }

    subscript(project: Project) -> Resolution? {
        replaced[project.name].map(Resolution.source) ?? base[project.name]
    }

    /// The revisions that stand in for red upstreams.
    var fallback: [String: String] {
        Dictionary(standIns.map { ($0.project, $0.good.source.revision) }, uniquingKeysWith: { first, _ in first })
    }

    /// Whether a last known good stands in for `project` or for one of its downstreams.
    func isReplaced(_ project: Project) -> Bool { replaced[project.name] != nil }

    /// Puts the last known good of `project` in its place, together with all that it was built on: no build mixes two
    /// revisions of one project.
    mutating func fallBack(_ project: String, to good: JobBuild) {
        noteRed(project)
        standIns.append((project, good))
        replace(project, by: good)
    }

    /// Leaves `project` out, and with it what a last known good of its own brought along.
    mutating func drop(_ project: String) {
        noteRed(project)
        dropped.insert(project)
        standIns.removeAll { $0.project == project }
        replaced = [:]
        for (project, good) in standIns { replace(project, by: good) }
    }

    mutating func noteRed(_ project: String) {
        if !red.contains(project) { red.append(project) }
    }

    private mutating func replace(_ project: String, by good: JobBuild) {
        replaced[project] = good.source
        for (name, source) in good.upstreams where replaced[name] == nil && !pinned.contains(name) {
            replaced[name] = source
        }
    }
}
