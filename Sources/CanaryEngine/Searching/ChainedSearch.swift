// SPDX-License-Identifier: Apache-2.0

import CanaryBisection
import CanaryHistory
import CanaryModel
import CanaryText
import Foundation

/// A search over first parents that continues where it stopped and, if a merge is the culprit, inside its second parent.
struct ChainedSearch: Sendable {
    let history: SearchReader
    let recorder: SearchRecorder
    let kind: SearchStart.Kind
    let job: JobID?
    let events: AsyncStream<SearchEvent>.Continuation
    let now: @Sendable () -> Date
    /// The commits of a project along first parents, oldest first.
    let commits: @Sendable (_ project: String, _ from: String, _ to: String) async throws -> [Commit]
    /// The newest common ancestor of two commits of a project.
    let mergeBase: @Sendable (_ project: String, _ first: String, _ second: String) async -> String?
    /// Probes until a search has its result; returns the record with all answers.
    ///
    /// The last argument is the outer search, if any.
    let conduct: @Sendable (SearchRecord, SearchSettings, SearchRecord?) async throws -> SearchRecord

    /// Searches, and continues inside a merge that is the culprit.
    ///
    /// - Parameters:
    ///   - digest: identifies the search, so that running it again continues it.
    ///   - fresh: whether to start over, ignoring stored answers.
    /// - Returns: the search, and those inside merges with a more exact result, outermost first.
    func run(
        _ subject: SearchSubject, digest: String, settings: SearchSettings, fresh: Bool
    ) async throws -> [SearchRecord] {
        let outer = try await open(subject, digest: digest, settings: settings.unconfirming, fresh: fresh, within: nil)
        let found = try await conducted(outer, settings: settings.unconfirming, around: nil)
        let inner = try await searchInside(found, settings: settings)
        return inner.isEmpty ? [try await confirm(found, settings: settings, around: nil)] : [found] + inner
    }

    private func conducted(
        _ record: SearchRecord, settings: SearchSettings, around: SearchRecord?
    ) async throws -> SearchRecord {
        var settings = settings
        // Earlier confirmations and evidence from installed trees are kept.
        if record.probes.contains(where: { $0.probe.phase == .confirm }) { settings.options.confirms = true }
        if settings.options.suspected.isEmpty {
            settings.options.suspected = record.settings.options.suspected
            settings.options.named = record.settings.options.named
            settings.evidence = record.settings.evidence
        }
        settings.options.refused.formUnion(record.settings.options.refused)
        let opened = SearchRecord(start: record.start, settings: settings, probes: record.probes)
        try await recorder.resume(search: record.start.id, settings: settings)
        events.yield(.began(opened, opened.search))
        return try await conduct(opened, settings, around)
    }

    private func confirm(
        _ found: SearchRecord, settings: SearchSettings, around: SearchRecord?
    ) async throws -> SearchRecord {
        guard settings.options.confirms, found.search.confirmation != nil else { return found }
        var confirming = found.settings
        confirming.options.confirms = true
        return try await conducted(found, settings: confirming, around: around)
    }

    /// Searches inside the second parent of a merge that is the culprit; empty if that gives no more exact result.
    private func searchInside(_ outer: SearchRecord, settings: SearchSettings) async throws -> [SearchRecord] {
        let verdict = outer.search.verdict
        guard verdict?.kind == .culprit, let number = verdict?.suspects.first?.number else { return [] }
        let subject = outer.start.subject
        let merge = subject.commits[number - 1]
        let isSame = outer.start.within != nil && number == subject.commits.count
        guard let parents = merge.parents, parents.count > 1, !isSame else { return [] }
        let inside = try await commits(merge.project, parents[0], parents[1])
        guard !inside.isEmpty, let base = await mergeBase(merge.project, parents[0], parents[1]) else {
            return []
        }
        events.yield(.note("`\(merge.revision.shortRevision)` is a merge: searching inside its second parent"))
        let frozen = subject.revisions(at: ProbePoint(prefix: number))
        let innerSubject = SearchSubject(
            commits: inside + [merge], base: frozen.merging([merge.project: base]) { $1 })
        var hasher = FieldHasher()
        hasher.add(list: ["inside", outer.start.id, merge.revision])
        var plain = settings.unconfirming
        // The merge fails and its first parent passes: the culprit is one of these, or the merge itself.
        plain.options.suspected = Set(1...innerSubject.commits.count)
        plain.options.built = []
        let inner = try await open(
            innerSubject, digest: hasher.finish(), settings: plain, fresh: false, within: outer.start.id)
        let found = try await conducted(inner, settings: plain, around: outer)
        switch found.search.verdict?.kind {
        case .culprit, .set: break
        default: return []
        }
        let deeper = try await searchInside(found, settings: settings)
        return deeper.isEmpty ? [try await confirm(found, settings: settings, around: outer)] : [found] + deeper
    }

    private func open(
        _ subject: SearchSubject, digest: String, settings: SearchSettings, fresh: Bool, within: String?
    ) async throws -> SearchRecord {
        if !fresh, let known = try await history.search(asking: digest), known.start.subject.range == subject.range {
            return known
        }
        let began = now()
        let start = SearchStart(
            id: Identifier.make(.search, at: began), kind: kind, question: digest, job: job, within: within,
            subject: subject, beganAt: began)
        try await recorder.begin(start, settings: settings)
        return SearchRecord(start: start, settings: settings)
    }
}

extension SearchSettings {
    /// The same without confirmation: only the result of the innermost search is confirmed.
    fileprivate var unconfirming: SearchSettings {
        var settings = self
        settings.options.confirms = false
        return settings
    }
}
