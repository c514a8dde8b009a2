// SPDX-License-Identifier: Apache-2.0

import CanaryHistory
import CanaryJudge
import CanaryModel
import Foundation

/// A suspected or broken job, and its possible causes.
struct EpisodeCard: Sendable {
    let shape: String
    let icon: String
    let word: String
    let labels: [String]
    let job: Link
    /// Other jobs that fail for the same reason.
    var others: [Link] = []
    var hasOthers = false
    let anchor: String
    let since: DisplayedTime?
    let hasCulprits: Bool
    let culprits: [SuspectLine]
    let changes: [Change]
    /// `and 3 more`.
    let moreChanges: String?
    let error: ErrorNote?
    let sameError: [SameErrorLine]
    let moreSameError: String?
    let waitsFor: String?
    let pagesAt: DisplayedTime?
    let search: Link?
    let progress: String?
    let notices: [String]

    /// The cards of all failing jobs: broken before suspected, oldest first.
    static func all(
        _ states: [JobID: JobState], _ context: PageContext, _ facts: IndexFacts, links: Links
    ) -> [EpisodeCard] {
        let failing = context.stack.jobs.enumerated().compactMap { number, job in
            states[job].flatMap { $0.isFailing ? (number: number, job: job, state: $0) : nil }
        }
        func order(_ entry: (number: Int, job: JobID, state: JobState)) -> (Int, Date, Int) {
            (entry.state.shape.rank, facts.overview[entry.job]?.episode?.openedAt ?? .distantFuture, entry.number)
        }
        let cards = failing.sorted { order($0) < order($1) }.map { entry in
            EpisodeCard(facts.facts(of: entry.job), state: entry.state, context, links: links, changeLimit: 4)
        }
        return grouped(cards)
    }

    /// Combines jobs that fail for the same reason under the first of them.
    private static func grouped(_ cards: [EpisodeCard]) -> [EpisodeCard] {
        var groups: [EpisodeCard] = []
        var indices: [FailureCause: Int] = [:]
        for card in cards {
            let cause = FailureCause(card)
            if cause.isKnown, let index = indices[cause] {
                groups[index].others.append(card.job)
                groups[index].hasOthers = true
            } else {
                indices[cause] = groups.count
                groups.append(card)
            }
        }
        return groups
    }

    /// The properties that the jobs on one card share.
    private struct FailureCause: Hashable {
        let shape: String
        let culprits: [String]
        let changes: [Change]
        let error: ErrorNote?

        init(_ card: EpisodeCard) {
            shape = card.shape
            culprits = card.culprits.map { "\($0.what) \($0.commit?.short ?? "")" }
            changes = card.changes
            error = card.error
        }

        var isKnown: Bool { !culprits.isEmpty || (!changes.isEmpty && error != nil) }
    }

    /// - Parameter changeLimit: the most changes listed.
    init(_ facts: JobFacts, state: JobState, _ context: PageContext, links: Links, changeLimit: Int) {
        let (id, overview, notes) = (facts.job, facts.overview, facts.notes)
        shape = state.shape.rawValue
        icon = state.shape.icon
        word = state.word
        labels = state.labels
        job = Link(text: id.description, href: links.job(id))
        anchor = overview?.episode?.id ?? id.description
        since = (overview?.episode?.openedAt ?? overview?.since).map(DisplayedTime.init)
        culprits = notes.culprit.map { [SuspectLine($0, probability: notes.confidence, in: context)] } ?? []
        hasCulprits = !culprits.isEmpty
        let all = Change.all(of: id, from: overview?.lastKnownGood, to: overview?.firstKnownBad, in: context)
        changes = hasCulprits ? [] : Array(all.prefix(changeLimit))
        moreChanges = hasCulprits || all.count <= changeLimit ? nil : "and \(all.count - changeLimit) more"
        error = overview?.episode?.firstError.map { ErrorNote($0) }
        let same = notes.sameError.map { SameErrorLine($0, on: id, links: links) }
        sameError = Array(same.prefix(changeLimit == 0 ? same.count : changeLimit))
        moreSameError = same.count > sameError.count ? "and \(same.count - sameError.count) more" : nil
        waitsFor = notes.waitsFor.map { HTMLText.clipped($0, to: 200) }
        pagesAt = notes.pagesAt.map(DisplayedTime.init)
        search = notes.search.map { Link(text: $0, href: links.search($0)) }
        progress = notes.progress
        notices = notes.notices.map { HTMLText.clipped($0, to: 200) }
    }
}

/// An episode with the error that another job fails with: `the same as ... since ...`, `last seen in ... until ...`.
struct SameErrorLine: Sendable {
    let lead: String
    let job: Link
    let preposition: String
    let at: DisplayedTime

    init(_ member: FailureCluster.Member, on page: JobID, links: Links) {
        lead = member.until == nil ? "the same error as" : "the same error was seen in"
        job =
            member.job == page
            ? Link(text: "this job", href: nil) : Link(text: member.job.description, href: links.job(member.job))
        preposition = member.until == nil ? "since" : "until"
        at = DisplayedTime(member.until ?? member.since)
    }
}

/// A job with lost coverage.
struct LossLine: Sendable {
    let icon: String
    let word: String
    let job: Link
    let why: String
    let lastRunAt: DisplayedTime?

    static func all(
        _ states: [JobID: JobState], _ context: PageContext, _ facts: IndexFacts, links: Links
    ) -> [LossLine] {
        context.stack.jobs.compactMap { job in
            guard let loss = states[job]?.loss else { return nil }
            return LossLine(
                icon: Shape.lost.icon, word: loss.rawValue, job: Link(text: job.description, href: links.job(job)),
                why: why(loss, job, context, facts.recentResults[job]?.detail),
                lastRunAt: facts.overview[job]?.lastRunAt.map(DisplayedTime.init))
        }
    }

    private static func why(_ loss: Loss, _ job: JobID, _ context: PageContext, _ detail: String?) -> String {
        switch loss {
        case .held:
            let hold = context.stack.graph[job.project]?.hold
            return HTMLText.clipped(hold?.reason ?? "on hold in the manifest", to: 200)
        case .blocked: return detail.map { HTMLText.clipped($0, to: 200) } ?? "an upstream is red"
        case .error: return "the infrastructure failed: no evidence about the code"
        case .stale: return "no finished run for two schedule periods"
        }
    }
}
