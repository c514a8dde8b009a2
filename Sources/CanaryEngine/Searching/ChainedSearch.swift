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
    /// Probes until a search has its result; returns the record with all answers.
    ///
    /// The last argument is the outer search, if any.
    let conduct: @Sendable (SearchRecord, SearchSettings, SearchRecord?) async throws -> SearchRecord

    /// Searches, and continues inside a merge that is the culprit.
    ///
    /// - Parameters:
    ///   - digest: identifies the search, so that running it again continues it; one that named no commit starts over.
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
        settings.fork = record.settings.fork
        settings.options.isBaseBad = record.settings.options.isBaseBad
        settings.options.unlike = record.settings.options.unlike
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

    /// Searches inside a merge that is the culprit, on each branch that it merged; empty if that gives no more exact
    /// result.
    private func searchInside(_ outer: SearchRecord, settings: SearchSettings) async throws -> [SearchRecord] {
        let verdict = outer.search.verdict
        guard verdict?.kind == .culprit, let number = verdict?.suspects.first?.number else { return [] }
        let merge = outer.start.subject.commits[number - 1]
        let isSame = outer.start.within != nil && number == outer.start.subject.commits.count
        guard let parents = merge.parents, parents.count > 1, !isSame else { return [] }
        var last: [SearchRecord] = []
        for (index, parent) in parents.enumerated().dropFirst() {
            let branch = Branch(number: index, of: parents.count, end: parent)
            guard let inner = try await inner(branch, of: merge, at: number, around: outer, settings: settings),
                let found = inner.search.verdict, found.kind == .culprit || found.kind == .set
            else { continue }
            let deeper = try await searchInside(inner, settings: settings)
            if !deeper.isEmpty { return [inner] + deeper }
            last = [inner]
            if found.suspects.first?.commit != merge { break }
        }
        guard let found = last.last else { return [] }
        return [try await confirm(found, settings: settings, around: outer)]
    }

    /// A branch that a merge merged.
    private struct Branch {
        /// Which parent of the merge it is, from 1, and how many there are.
        let number: Int
        let of: Int
        /// Its last commit.
        let end: String
    }

    /// The search on one branch of a merge; nil if it has no commits of its own.
    ///
    /// Its base is the parent of the first commit of the branch, which nobody called good: it is built first. Nothing
    /// there waits for an outage to end, as the merge is found already.
    private func inner(
        _ branch: Branch, of merge: Commit, at number: Int, around outer: SearchRecord, settings: SearchSettings
    ) async throws -> SearchRecord? {
        let inside = try await commits(merge.project, merge.parents?.first ?? "", branch.end)
        guard let base = inside.first?.parents?.first else { return nil }
        let which = branch.of > 2 ? "parent \(branch.number + 1)" : "second parent"
        events.yield(.note("`\(merge.revision.shortRevision)` is a merge: searching inside its \(which)"))
        let frozen = outer.start.subject.revisions(at: ProbePoint(prefix: number))
        let subject = SearchSubject(commits: inside + [merge], base: frozen.merging([merge.project: base]) { $1 })
        var hasher = FieldHasher()
        hasher.add(list: ["inside", outer.start.id, merge.revision] + (branch.number > 1 ? [branch.end] : []))
        var plain = settings.unconfirming
        // The merge fails and its first parent passes: the culprit is one of these, or the merge itself.
        plain.options.suspected = Set(1...subject.commits.count)
        plain.options.built = []
        plain.options.startsAtBase = true
        plain.options.controlWait = TimeSpan(seconds: 0)
        let record = try await open(
            subject, digest: hasher.finish(), settings: plain, fresh: false, within: outer.start.id)
        return try await conducted(record, settings: plain, around: outer)
    }

    private func open(
        _ subject: SearchSubject, digest: String, settings: SearchSettings, fresh: Bool, within: String?
    ) async throws -> SearchRecord {
        if !fresh, let known = try await history.search(asking: digest), known.start.subject.range == subject.range,
            known.settings.isVoid != true
        {
            // With other settings, a larger budget say, it may have more to ask.
            let last = SearchRecord(
                start: known.start, settings: settings, endedAt: known.endedAt, probes: known.probes)
            guard last.namesNoCommit, known.namesNoCommit else { return known }
            events.yield(
                .note("the last search ended with `\(last.search.verdict?.kind.rawValue ?? "")`: asking again"))
        }
        let began = now()
        let start = SearchStart(
            id: Identifier.make(.search, at: began), kind: kind, question: digest, job: job, within: within,
            subject: subject, beganAt: began)
        try await recorder.begin(start, settings: settings)
        return SearchRecord(start: start, settings: settings)
    }
}

extension SearchRecord {
    /// Whether it ended, and named neither a commit nor a set of them: what misled it may be over.
    var namesNoCommit: Bool {
        switch search.verdict?.kind {
        case .flake, .environment, .unresolved, .notMonotone: true
        case .culprit, .set, .nothingMoved, nil: false
        }
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
