// SPDX-License-Identifier: Apache-2.0

/// The sources of all upstreams of one job, with fallbacks for red ones; each project has one revision.
struct ResolvedSources {
    private let base: [String: Resolution]
    private let pinned: Set<String>
    private var fallbacks: [(project: String, good: JobBuild)] = []
    private var replaced: [String: Source] = [:]
    private(set) var dropped: Set<String> = []
    private(set) var red: [String] = []

    /// - Parameters:
    ///   - base: the resolution of each upstream before any fallback.
    ///   - pinned: the upstreams that only their own last known good may replace.
    init(base: [String: Resolution], pinned: Set<String>) {
        self.base = base
        self.pinned = pinned
    }

    subscript(project: Project) -> Resolution? {
        replaced[project.name].map(Resolution.source) ?? base[project.name]
    }

    /// The revisions that replace red upstreams, by project.
    var fallback: [String: String] {
        Dictionary(fallbacks.map { ($0.project, $0.good.source.revision) }, uniquingKeysWith: { first, _ in first })
    }

    /// Whether a last known good replaces `project` or one of its downstreams.
    func isReplaced(_ project: Project) -> Bool { replaced[project.name] != nil }

    /// Replaces `project` by its last known good, together with everything that this was built on, because no build mixes
    /// two revisions of one project.
    mutating func fallBack(_ project: String, to good: JobBuild) {
        noteRed(project)
        fallbacks.append((project, good))
        replace(project, by: good)
    }

    /// Leaves `project` out, together with what its own last known good has replaced.
    mutating func drop(_ project: String) {
        noteRed(project)
        dropped.insert(project)
        fallbacks.removeAll { $0.project == project }
        replaced = [:]
        for (project, good) in fallbacks { replace(project, by: good) }
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
