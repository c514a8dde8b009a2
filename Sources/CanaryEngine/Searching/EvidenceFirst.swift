// SPDX-License-Identifier: Apache-2.0

import CanaryBisection
import CanaryDiagnosis
import CanaryGit
import CanaryHistory
import CanaryModel
import CanaryRunner
import CanaryText

/// Rules.md 3.12: when the first error names what one upstream no longer installs, that upstream alone is asked since
/// when, and the downstream is built at parent and culprit only. Else commits weigh more whose diffs contain a name.
extension UpstreamSearch {
    /// `record` with what the names of the first error of `failure` say, which may be nothing.
    func withEvidence(_ record: SearchRecord, of failure: Outcome?) async throws -> SearchRecord {
        let names = failure?.firstError?.names ?? []
        if let led = try await withLostName(among: names.flatMap(LostName.all), in: record) { return led }
        let named = await commits(naming: names, in: record.start.subject)
        if !named.isEmpty {
            let words = Set(names.compactMap(\.word)).sorted().map { "`\($0)`" }.joined(separator: ", ")
            let all = record.start.subject.commits.count
            events.yield(.note("\(words) stands in the diffs of \(named.count) of \(all) commits: they weigh more"))
        }
        var settings = record.settings
        settings.options.named = named
        return try await resumed(record, with: settings)
    }

    private func resumed(_ record: SearchRecord, with settings: SearchSettings) async throws -> SearchRecord {
        try await engine.recorder.searches.resume(search: record.start.id, settings: settings)
        return SearchRecord(start: record.start, settings: settings, probes: record.probes)
    }

    /// `record` led by the one of `names` that one upstream lost; nil when there is none such.
    private func withLostName(among names: [LostName], in record: SearchRecord) async throws -> SearchRecord? {
        let subject = record.start.subject
        let moved = subject.range.projects.subtracting([question.job.project, Commit.imageAxis])
        guard !names.isEmpty, !moved.isEmpty else { return nil }
        let head = subject.revisions(at: ProbePoint(prefix: subject.commits.count))
        var losses: [(project: String, name: LostName)] = []
        for project in moved.sorted() {
            // One upstream is asked about at the price of two builds of it; several only where they were built before.
            guard let old = try await surface(of: project, at: subject.base, building: moved.count == 1),
                let new = try await surface(of: project, at: head, building: moved.count == 1)
            else { continue }
            if let lost = names.first(where: { $0.isIn(old) == true && $0.isIn(new) == false }) {
                losses.append((project, lost))
            }
        }
        guard losses.count == 1, let loss = losses.first else { return nil }
        return try await search(loss.name, of: loss.project, in: record)
    }

    /// The numbers of the commits whose diff contains one of `names`.
    private func commits(naming names: [EntityName], in subject: SearchSubject) async -> Set<Int> {
        let words = Set(names.compactMap(\.word)).sorted()
        let resolver = engine.resolver(sources: question.sources)
        var named: Set<Int> = []
        for name in subject.range.projects.sorted() where !words.isEmpty {
            guard let project = engine.stack.graph[name], let base = subject.base[name] else { continue }
            let numbers = subject.range.commits(of: name)
            guard let head = numbers.last.map({ subject.commits[$0 - 1].revision }) else { continue }
            let found = await resolver.mirror(of: project).revisions(naming: words, from: base, to: head)
            named.formUnion(numbers.filter { found.contains(subject.commits[$0 - 1].revision) })
        }
        return named
    }

    /// What `project` installs at `revisions`, where that was recorded, or can be by building it.
    private func surface(
        of project: String, at revisions: [String: String], building: Bool
    ) async throws -> Surface? {
        let known = try await builder.key(at: revisions, of: project)
        if let known, let surface = try await surface(of: known) { return surface }
        guard building else { return nil }
        guard !stop.isRaised else { throw EngineError(.interrupted, "interrupted") }
        let built = try await builder.build(at: revisions, of: project, probing: nil, trigger: "probe", forced: false)
        try built.demandRoom()
        guard built.outcome.result == .passed, let key = built.key else { return nil }
        return try await surface(of: key)
    }

    private func surface(of key: String) async throws -> Surface? {
        guard let tree = try await engine.history.builds.build(key)?.lastTree else { return nil }
        return try await engine.history.builds.surface(of: tree)
    }

    /// Builds `project` alone until it is known since which commits the name is gone; nil where that cannot be known.
    private func search(_ name: LostName, of project: String, in record: SearchRecord) async throws -> SearchRecord? {
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
            guard !built.isSpoiled else { return nil }
            if built.attempt != nil { builds += 1 }
            var found: Bool?
            if built.outcome.result == .passed, let key = built.key {
                found = try await surface(of: key).flatMap(name.isIn)
            }
            let answer: NameSearch.Answer = found.map { $0 ? .installed : .gone } ?? .untestable
            search.record(answer, at: position)
            events.yield(.note("  \(project) \((revision ?? "").shortRevision): \(answer.rawValue)"))
        }
        guard let found = search.found else { return nil }
        var settings = record.settings
        settings.options.suspected = Set(found.map { numbers[$0 - 1] })
        settings.evidence = NameEvidence(project: project, kind: name.kind.rawValue, name: name.name, builds: builds)
        return try await resumed(record, with: settings)
    }
}

extension EntityName {
    /// What a diff that touches it contains: the last identifier of a symbol, the last part of a path.
    fileprivate var word: String? {
        switch kind {
        case .macro, .module, .target, .command, .package: name
        case .header, .file: name.split(separator: "/").last.map(String.init)
        case .symbol: name.prefix { $0 != "(" && $0 != "<" }.split(separator: ":").last.map { $0.filter { $0 != " " } }
        case .library, .tool, .test: nil
        }
    }
}

/// A name of an error as something that trees install.
struct LostName: Hashable, Sendable {
    let kind: Surface.Kind
    let name: String

    /// What `spoken` may be among what trees install: a compiler does not say whether it misses a macro.
    static func all(of spoken: EntityName) -> [LostName] {
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
