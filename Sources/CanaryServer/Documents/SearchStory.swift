// SPDX-License-Identifier: Apache-2.0

package import CanaryBisection
package import CanaryHistory
package import CanaryModel

/// A search and those that went on inside a merge, told as one.
package struct SearchStory: Sendable {
    /// The searches, outermost first; not empty.
    package let chain: [SearchRecord]
    private let searches: [Search]

    /// Tells of `chain`: replays what was recorded.
    package init(_ chain: [SearchRecord]) {
        self.chain = chain
        searches = chain.map(\.search)
    }

    /// The innermost search, which decides.
    package var last: (record: SearchRecord, search: Search) { (chain[chain.count - 1], searches[searches.count - 1]) }

    /// What was found; nil while searching.
    package var verdict: SearchResult? { last.search.verdict }

    /// A commit that may be to blame, with its number in the innermost search.
    package struct Suspect: Sendable {
        /// The commit.
        package let commit: SearchedCommit
        /// What it stands on: the revision of its project at the position before.
        package let parent: String
        /// How probable it is.
        package let probability: Double
    }

    /// The commit to blame; nil when there is no single one.
    package var culprit: Suspect? { verdict?.kind == .culprit ? suspects.first : nil }

    /// What the verdict names, or of an open search the five most probable commits.
    package var suspects: [Suspect] {
        if let verdict { return verdict.candidates.map(suspect) }
        guard let commits = last.search.posterior?.commits else { return [] }
        return commits.indices.map { (commits[$0], $0) }.filter { $0.0 > 0 }
            .sorted { ($1.0, $0.1) < ($0.0, $1.1) }.prefix(5)
            .map { suspect($0.1, probability: $0.0) }
    }

    /// The two commits that break only together; nil when there are none.
    package var pair: (first: Suspect, second: Suspect)? {
        guard case .together(let other)? = verdict?.isolation, let culprit else { return nil }
        return (suspect(other), culprit)
    }

    /// The merges that the culprit came with, outermost first.
    package var merges: [SearchedCommit] {
        zip(chain, searches).dropLast().compactMap { record, search in
            search.verdict?.candidates.first.map { record.start.subject.commits[$0.commit - 1] }
        }
    }

    /// Executions, without stored results and confirmations.
    package var builds: Int { probes.count { !$0.probe.reused && $0.probe.phase != .confirm } }
    /// Executions that confirmed.
    package var confirmationBuilds: Int { probes.count { $0.probe.phase == .confirm } }
    /// Whether parent and culprit said twice more what they had said.
    package var isConfirmed: Bool { last.search.confirmation == .confirmed }

    private var probes: [ProbeRecord] { chain.flatMap(\.probes) }

    private func suspect(_ candidate: Candidate) -> Suspect {
        suspect(candidate.commit, probability: candidate.probability)
    }

    /// A commit of the innermost search: all searches must be right for it to be to blame.
    private func suspect(_ number: Int, probability: Double) -> Suspect {
        let subject = last.record.start.subject
        let commit = subject.commits[number - 1]
        let around = searches.dropLast().map { $0.verdict?.candidates.first?.probability ?? 1 }.reduce(1, *)
        let before = subject.revisions(at: ProbePoint(prefix: number - 1))[commit.project]
        return Suspect(
            commit: commit, parent: commit.parents.first ?? before ?? "", probability: probability * around)
    }
}

extension HistoryReader {
    /// The search `id` with those that went on inside merges.
    ///
    /// - Throws: `notRecorded` when there is no such search.
    package func story(of id: String) async throws(HistoryError) -> SearchStory {
        guard let outer = try await searches.search(id) else {
            throw HistoryError(.notRecorded, "history knows no search `\(id)`")
        }
        var chain = [outer]
        // A search inside a merge that names nothing better is left out of the story.
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
    /// Whether it looks inside a merge, not for a name.
    fileprivate var isInside: Bool { start.kind != .name }
}

/// What history knows of a culprit beside the search itself.
package struct CulpritFacts: Sendable {
    /// The first error where it failed.
    package var firstError: FirstError?
    /// What it changed in what its project installs; nil where that is not known.
    package var surface: SurfaceChange?

    /// Nothing is known.
    package init() {}
}

extension HistoryReader {
    /// What is known of the culprit of `story`; nothing when there is none.
    package func facts(of story: SearchStory) async throws(HistoryError) -> CulpritFacts {
        var facts = CulpritFacts()
        guard story.culprit != nil, let number = story.verdict?.candidates.first?.commit else { return facts }
        let record = story.last.record
        let project = record.start.subject.commits[number - 1].project
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
