// SPDX-License-Identifier: Apache-2.0

import CanaryBisection
import CanaryDiagnosis
import CanaryGit
import CanaryHistory
import CanaryModel
import CanaryText

/// Rules.md 3.12: uses the names in the first error before the downstream is built.
///
/// When one upstream no longer installs a name, that upstream alone is built to find out since when, and the downstream
/// only at parent and culprit. Otherwise commits whose diffs contain a name get more weight.
struct EvidenceSearch: Sendable {
    let target: UpstreamBisectTarget
    let engine: Engine
    let builder: ProbeBuilder
    let stop: StopSignal
    let events: AsyncStream<SearchEvent>.Continuation

    /// `record` with what the names in the first error of `failure` show, which may be nothing.
    func withEvidence(_ record: SearchRecord, of failure: Outcome?) async throws -> SearchRecord {
        let names = failure?.firstError?.names ?? []
        var settings = record.settings
        if let lost = try await lostName(among: names.flatMap(InstalledName.all), in: record.start.subject) {
            if let found = try await search(lost.name, of: lost.project, in: record.start.subject) {
                settings.options.suspected = found.suspected
                settings.evidence = found.evidence
                return try await engine.recorder.searches.resumed(record, with: settings)
            }
        }
        let words = Set(names.compactMap(\.diffWord)).sorted()
        let named = await commits(naming: words, in: record.start.subject)
        if !named.isEmpty {
            let list = words.map { "`\($0)`" }.joined(separator: ", ")
            let all = record.start.subject.commits.count
            events.yield(
                .note("\(list) appears in the diffs of \(named.count) of \(all) commits: they get more weight"))
        }
        settings.options.named = named
        return try await engine.recorder.searches.resumed(record, with: settings)
    }

    /// The one of `names` that exactly one upstream installs at the base and no longer at the end of the range.
    private func lostName(
        among names: [InstalledName], in subject: SearchSubject
    ) async throws -> (project: String, name: InstalledName)? {
        let changed = subject.range.projects.subtracting([target.job.project, Commit.imageAxis])
        guard !names.isEmpty, !changed.isEmpty else { return nil }
        var losses: [(project: String, name: InstalledName)] = []
        for project in changed.sorted() {
            // One upstream is worth two builds of it; several are compared only where they were built before.
            guard let old = try await surface(of: project, at: subject.base, building: changed.count == 1),
                let new = try await surface(of: project, at: subject.rangeEnd, building: changed.count == 1)
            else { continue }
            if let lost = names.first(where: { $0.isIn(old) == true && $0.isIn(new) == false }) {
                losses.append((project, lost))
            }
        }
        return losses.count == 1 ? losses.first : nil
    }

    /// The numbers of the commits whose diff contains one of `words`.
    private func commits(naming words: [String], in subject: SearchSubject) async -> Set<Int> {
        let resolver = engine.resolver(Overrides(sources: target.sources))
        var named: Set<Int> = []
        for name in subject.range.projects.sorted() where !words.isEmpty {
            guard let project = engine.stack.graph[name], let base = subject.base[name] else { continue }
            let numbers = subject.range.commits(of: name)
            guard let end = numbers.last.map({ subject.commits[$0 - 1].revision }) else { continue }
            let found = await resolver.mirror(of: project).revisions(naming: words, from: base, to: end)
            named.formUnion(numbers.filter { found.contains(subject.commits[$0 - 1].revision) })
        }
        return named
    }

    /// What `project` installs at `revisions`, if that is recorded or, with `building`, after building it.
    private func surface(
        of project: String, at revisions: [String: String], building: Bool
    ) async throws -> Surface? {
        if let key = try await builder.key(at: revisions, of: project), let surface = try await surface(of: key) {
            return surface
        }
        guard building else { return nil }
        return try await build(project, at: revisions).surface
    }

    private func surface(of key: String) async throws -> Surface? {
        guard let tree = try await engine.history.builds.build(key)?.lastTree else { return nil }
        return try await engine.history.builds.surface(of: tree)
    }

    /// Builds `project` at `revisions`; its surface is nil if the build fails.
    private func build(
        _ project: String, at revisions: [String: String]
    ) async throws -> (built: ProbeBuilder.Built, surface: Surface?) {
        try EngineError.throwIfStopped(stop)
        let built = try await builder.build(at: revisions, of: project, probing: nil, trigger: "probe", forced: false)
        try built.requireSpace()
        guard built.outcome.result == .passed, let key = built.key else { return (built, nil) }
        return (built, try await surface(of: key))
    }

    /// Builds `project` alone until the commits that may have removed the name are known; nil if they cannot be.
    private func search(
        _ name: InstalledName, of project: String, in subject: SearchSubject
    ) async throws -> (suspected: Set<Int>, evidence: NameEvidence)? {
        let numbers = subject.range.commits(of: project)
        events.yield(
            .note(
                "`\(project)` no longer installs the \(name.kind.rawValue) `\(name.name)`: building `\(project)` alone "
                    + "to find out since when"))
        var search = NameSearch(commits: numbers.count)
        var builds = 0
        while let position = search.next {
            let revision = position == 0 ? subject.base[project] : subject.commits[numbers[position - 1] - 1].revision
            var revisions = subject.rangeEnd
            revisions[project] = revision
            let (built, surface) = try await build(project, at: revisions)
            guard !built.isSpoiled else { return nil }
            if built.attempt != nil { builds += 1 }
            let answer: NameSearch.Answer =
                surface.flatMap(name.isIn).map { $0 ? .installed : .gone } ?? .untestable
            search.record(answer, at: position)
            events.yield(.note("  \(project) \((revision ?? "").shortRevision): \(answer.rawValue)"))
        }
        guard let found = search.found else { return nil }
        return (
            Set(found.map { numbers[$0 - 1] }),
            NameEvidence(project: project, kind: name.kind.rawValue, name: name.name, builds: builds)
        )
    }
}

extension SearchSubject {
    /// The revisions of all projects at the end of the range.
    fileprivate var rangeEnd: [String: String] { revisions(at: ProbePoint(prefix: commits.count)) }
}
