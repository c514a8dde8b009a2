// SPDX-License-Identifier: Apache-2.0

package import CanaryBisection
package import CanaryHistory
package import CanaryModel

/// A search together with the searches inside merges that continued it, as one.
package struct SearchStory: Sendable {
    /// The searches, outermost first; not empty.
    package let chain: [SearchRecord]
    private let searches: [Search]

    /// Replays the recorded searches of `chain`, which must not be empty.
    package init(_ chain: [SearchRecord]) {
        self.chain = chain
        searches = chain.map(\.search)
    }

    /// The innermost search, whose result is the result of all.
    package var last: (record: SearchRecord, search: Search) { (chain[chain.count - 1], searches[searches.count - 1]) }

    /// The result; nil while the search is open.
    package var verdict: SearchResult? { last.search.verdict }

    /// The culprit; nil if there is no single one.
    package var culprit: Suspect? { verdict?.kind == .culprit ? suspects.first : nil }

    /// The candidates of the result; the five most probable commits of an open search.
    package var suspects: [Suspect] {
        if let verdict { return verdict.suspects.map(suspect) }
        guard let commits = last.search.posterior?.commits else { return [] }
        return commits.indices.map { (commits[$0], $0) }.filter { $0.0 > 0 }
            .sorted { ($1.0, $0.1) < ($0.0, $1.1) }.prefix(5)
            .map { suspect(last.search.range.suspect($0.1, $0.0)) }
    }

    /// The two commits that break the job only together; nil if there are none.
    package var pair: (first: Suspect, second: Suspect)? {
        guard case .pair(let other)? = verdict?.isolation, let culprit else { return nil }
        return (suspect(other), culprit)
    }

    /// The merges that contain the culprit, outermost first.
    package var merges: [Commit] {
        searches.dropLast().compactMap { $0.verdict?.suspects.first?.commit }
    }

    /// Number of executed builds, without reused results and confirmations.
    package var builds: Int { probes.count { !$0.probe.reused && $0.probe.phase != .confirm } }
    /// Number of confirmation builds.
    package var confirmationBuilds: Int { probes.count { $0.probe.phase == .confirm } }
    /// Whether the confirmation builds of parent and culprit agreed with the search.
    package var isConfirmed: Bool { last.search.confirmation == .confirmed }

    private var probes: [ProbeRecord] { chain.flatMap(\.probes) }

    /// A commit of the innermost search: all searches must be right for it to be to blame.
    private func suspect(_ found: Suspect) -> Suspect {
        let around = searches.dropLast().map { $0.verdict?.suspects.first?.probability ?? 1 }.reduce(1, *)
        return Suspect(number: found.number, commit: found.commit, probability: found.probability * around)
    }

    /// What was built before `suspect` and passed: the revision of its project at the position before.
    ///
    /// A merge inside which nothing else was found has its first parent, which the search around built.
    package func parent(of suspect: Suspect) -> String {
        let start = last.record.start
        let before = start.subject.revisions(at: ProbePoint(prefix: suspect.number - 1))[suspect.commit.project]
        let isMerge = start.within != nil && suspect.number == start.subject.commits.count
        return (isMerge ? suspect.commit.parents?.first : nil) ?? before ?? suspect.commit.parents?.first ?? ""
    }

    /// The base that fails although good, on another branch, passes; nil if there is none.
    package var badBase: BadBase? { chain[0].settings.fork }
}

extension HistoryReader {
    /// The search `id` with the searches inside merges that continued it.
    ///
    /// - Throws: `notRecorded` if there is no such search.
    package func story(of id: String) async throws(HistoryError) -> SearchStory {
        guard let outer = try await searches.search(id) else {
            throw HistoryError(.notRecorded, "no search `\(id)` in history")
        }
        var chain = [outer]
        // A search inside a merge that found nothing more precise is left out.
        while let last = chain.last,
            let inner = try await searches.searches(within: last.start.id).last(where: \.isInside),
            inner.search.verdict.map({ $0.kind == .culprit || $0.kind == .set }) ?? true
        {
            chain.append(inner)
        }
        return SearchStory(chain)
    }
}

extension SearchRecord {
    /// Whether it searched inside a merge rather than for a name.
    fileprivate var isInside: Bool { start.kind != .name }
}

/// Facts about a culprit that are not part of the search.
package struct CulpritFacts: Sendable {
    /// The first error of the build at the culprit.
    package var firstError: FirstError?
    /// How it changed the installed files of its project; nil if unknown.
    package var surface: SurfaceChange?

    /// Creates empty facts.
    package init() {}
}

extension HistoryReader {
    /// The facts about the culprit of `story`; empty if there is none.
    package func facts(of story: SearchStory) async throws(HistoryError) -> CulpritFacts {
        var facts = CulpritFacts()
        guard let culprit = story.culprit else { return facts }
        let record = story.last.record
        let (number, project) = (culprit.number, culprit.commit.project)
        facts.firstError = try await searches.firstError(at: ProbePoint(prefix: number), of: record)
        let before = try await searches.installed(project, at: ProbePoint(prefix: number - 1), of: record)?.lastTree
        let after = try await searches.installed(project, at: ProbePoint(prefix: number), of: record)?.lastTree
        if let before, let after, let old = try await builds.surface(of: before),
            let new = try await builds.surface(of: after)
        {
            facts.surface = SurfaceChange(from: old, to: new)
        }
        return facts
    }
}
