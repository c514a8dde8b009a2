// SPDX-License-Identifier: Apache-2.0

import CanaryHistory
import CanaryModel

/// Rules.md 3.12: when the first error names what one upstream no longer installs, that upstream alone is asked since
/// when, and the downstream is built at parent and culprit only.
extension UpstreamSearch {
    /// `record` with what the installed trees say; unchanged where they say nothing.
    func withEvidence(_ record: SearchRecord) async throws -> SearchRecord {
        let subject = record.start.subject
        let names = question.failure?.firstError?.names.flatMap(LostName.all) ?? []
        let moved = subject.range.projects.subtracting([question.job.project, SearchedCommit.image])
        guard !names.isEmpty, !moved.isEmpty else { return record }
        let head = subject.revisions(at: ProbePoint(prefix: subject.commits.count))
        var losses: [(project: String, name: LostName)] = []
        for project in moved.sorted() {
            guard let old = try await surface(of: project, at: subject.base),
                let new = try await surface(of: project, at: head)
            else { continue }
            if let lost = names.first(where: { $0.isIn(old) == true && $0.isIn(new) == false }) {
                losses.append((project, lost))
            }
        }
        guard losses.count == 1, let loss = losses.first else { return record }
        return try await search(loss.name, of: loss.project, in: record)
    }

    /// What `project` installs at `revisions`, where that was recorded.
    private func surface(of project: String, at revisions: [String: String]) async throws -> Surface? {
        guard let key = try await builder.key(at: revisions, of: project) else { return nil }
        return try await surface(of: key)
    }

    private func surface(of key: String) async throws -> Surface? {
        guard let tree = try await engine.history.build(key)?.lastTree else { return nil }
        return try await engine.history.surface(of: tree)
    }

    /// Builds `project` alone until it is known since which commits the name is gone.
    private func search(_ name: LostName, of project: String, in record: SearchRecord) async throws -> SearchRecord {
        let subject = record.start.subject
        let numbers = subject.range.commits(of: project)
        events.yield(
            .note(
                "`\(project)` no longer installs the \(name.kind.rawValue) `\(name.name)`: asking it alone since when"))
        let head = subject.revisions(at: ProbePoint(prefix: subject.commits.count))
        var search = NameSearch(commits: numbers.count)
        var builds = 0
        while let position = search.next {
            guard !stop.isRaised else { throw EngineError(.interrupted, "interrupted") }
            let revision = position == 0 ? subject.base[project] : subject.commits[numbers[position - 1] - 1].revision
            var revisions = head
            revisions[project] = revision
            let built = try await builder.build(
                at: revisions, of: project, probing: nil, trigger: "probe", forced: false)
            try built.demandRoom()
            guard !built.isSpoiled else { return record }
            if built.attempt != nil { builds += 1 }
            var found: Bool?
            if built.outcome.result == .passed, let key = built.key {
                found = try await surface(of: key).flatMap(name.isIn)
            }
            let answer: NameSearch.Answer = found.map { $0 ? .installed : .gone } ?? .untestable
            search.record(answer, at: position)
            events.yield(.note("  \(project) \((revision ?? "").prefix(10)): \(answer.rawValue)"))
        }
        guard let found = search.found else { return record }
        var settings = record.settings
        settings.options.suspected = Set(found.map { numbers[$0 - 1] })
        settings.evidence = NameEvidence(project: project, kind: name.kind.rawValue, name: name.name, builds: builds)
        try await engine.history.resume(search: record.start.id, settings: settings)
        return SearchRecord(start: record.start, settings: settings, probes: record.probes)
    }
}

/// A name of an error as something that trees install.
struct LostName: Hashable, Sendable {
    let kind: Surface.Kind
    let name: String

    /// What `spoken` may be among what trees install: a compiler does not say whether it misses a macro.
    static func all(of spoken: SpokenName) -> [LostName] {
        let kinds: [Surface.Kind] =
            switch spoken.kind {
            case .macro: [.macro, .symbol]
            case .symbol: [.symbol, .macro]
            case .header: [.header]
            case .file, .library: [.file]
            case .target: [.target]
            case .package: [.package]
            case .module, .command, .tool, .test: []
            }
        return kinds.map { LostName(kind: $0, name: spoken.name) }
    }

    /// Whether `surface` has it; nil when that is not known.
    func isIn(_ surface: Surface) -> Bool? { surface.contains(kind, name) }
}
