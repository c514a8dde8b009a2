// SPDX-License-Identifier: Apache-2.0

package import CanaryBisection
package import CanaryModel
import CanaryText
package import Foundation

/// The facts that the page of a search shows.
package struct SearchFacts: Sendable {
    /// An answered probe.
    package struct AnsweredProbe: Hashable, Sendable {
        /// Its number, from 1.
        package let n: Int
        /// Its purpose.
        package let phase: SearchPhase
        /// 0 is the base; the number of commits is the end of the range.
        package let position: Int
        /// Its answer.
        package let answer: ProbeAnswer
        /// Whether a stored result was reused.
        package let isReused: Bool
        /// Its duration; nil if unknown.
        package let seconds: Double?
        /// The attempt that was executed.
        package let attempt: String?

        /// Creates a probe.
        package init(
            n: Int, phase: SearchPhase, position: Int, answer: ProbeAnswer, isReused: Bool, seconds: Double? = nil,
            attempt: String? = nil
        ) {
            self.n = n
            self.phase = phase
            self.position = position
            self.answer = answer
            self.isReused = isReused
            self.seconds = seconds
            self.attempt = attempt
        }
    }

    /// Its id.
    package let id: String
    /// The job it is about; nil for a search on a plain repository.
    package let job: JobID?
    /// The question, in one line.
    package let question: String
    /// When it began.
    package let startedAt: Date
    /// When it ended; nil while it is open.
    package let finishedAt: Date?
    /// Its result; nil while it is open.
    package let result: SearchResult.Kind?
    /// The state of the confirmation; nil if the result needs none.
    package let confirmation: Confirmation?
    /// The range in landing order.
    package let commits: [Commit]
    /// The probabilities of the environment, of each commit, and of no culprit; empty if unknown.
    package let probabilities: [Double]
    /// The probes, in order.
    package let probes: [AnsweredProbe]
    /// The most builds it may execute; nil if unknown.
    package let budget: Int?

    /// Creates the facts.
    package init(
        id: String, job: JobID?, question: String, startedAt: Date, finishedAt: Date?, result: SearchResult.Kind?,
        confirmation: Confirmation?, commits: [Commit], probabilities: [Double], probes: [AnsweredProbe], budget: Int?
    ) {
        self.id = id
        self.job = job
        self.question = question
        self.startedAt = startedAt
        self.finishedAt = finishedAt
        self.result = result
        self.confirmation = confirmation
        self.commits = commits
        self.probabilities = probabilities
        self.probes = probes
        self.budget = budget
    }
}

/// The page of a search.
package struct SearchView: Sendable {
    let frame: Frame
    let id: String
    let job: Link?
    let question: String
    let finding: String
    let startedAt: DisplayedTime
    let finishedAt: DisplayedTime?
    let range: String
    let builds: String
    let confirmation: String?
    let picture: String?
    let suspects: [SuspectLine]
    let hasProbes: Bool
    let probes: [ProbeLine]

    /// A probe in the table.
    struct ProbeLine: Sendable {
        let n: Int
        let phase: String
        let position: Int
        let what: String
        let commit: CommitLink?
        let icon: String
        let answer: String
        let how: String
        let took: String
        let attempt: Link?
    }

    /// Creates the view of `facts`.
    package init(_ context: PageContext, _ facts: SearchFacts) {
        let links = Links(context.site, depth: 1)
        id = facts.id
        finding = Self.finding(facts)
        frame = Frame(context, links: links, title: "search \(facts.id): \(finding)")
        job = facts.job.map { Link(text: $0.description, href: links.job($0)) }
        question = HTMLText.clipped(facts.question, to: 300)
        startedAt = DisplayedTime(facts.startedAt)
        finishedAt = facts.finishedAt.map(DisplayedTime.init)
        let projects = Set(facts.commits.map(\.project)).count
        range = """
            \(facts.commits.count.counting("commit")) of \(projects.counting("project"))
            """
        let executed = facts.probes.count { !$0.isReused }
        builds = facts.budget.map { "\(executed) of at most \($0)" } ?? "\(executed)"
        confirmation = facts.confirmation.map(Self.sentence)
        picture = PosteriorPlot.svg(facts.probabilities, probes: facts.probes)
        suspects = Self.suspects(context, facts)
        probes = facts.probes.map { ProbeLine($0, context, facts, links: links) }
        hasProbes = !probes.isEmpty
    }

    private static func finding(_ facts: SearchFacts) -> String {
        switch facts.result {
        case nil: "searching"
        case .culprit: "culprit found"
        case .set: "one of several commits"
        case .flake: "a flake: nothing is broken"
        case .environment: "the environment: the base fails as well"
        case .unresolved: "unresolved"
        case .notMonotone: "no single commit explains it"
        case .nothingMoved: "nothing changed"
        }
    }

    private static func sentence(_ confirmation: Confirmation) -> String {
        switch confirmation {
        case .open: "to be confirmed by four builds, at least one hour after the search"
        case .confirmed: "confirmed: the parent passes and the culprit fails, twice"
        case .refuted: "refuted: a confirmation build contradicts it"
        }
    }

    /// The ten most probable suspects, without those below 0.1 %.
    private static func suspects(_ context: PageContext, _ facts: SearchFacts) -> [SuspectLine] {
        let sorted = facts.probabilities.enumerated().filter { $1 >= 0.001 }
            .sorted { $0.element == $1.element ? $0.offset < $1.offset : $0.element > $1.element }
        return sorted.prefix(10).compactMap { number, probability in
            if number == 0 || number == facts.probabilities.count - 1 {
                return SuspectLine(
                    what: number == 0 ? "the environment" : "no culprit", probability: probability.percentText)
            }
            guard number <= facts.commits.count else { return nil }
            return SuspectLine(facts.commits[number - 1], probability: probability, in: context)
        }
    }
}

extension SearchView.ProbeLine {
    init(_ probe: SearchFacts.AnsweredProbe, _ context: PageContext, _ facts: SearchFacts, links: Links) {
        n = probe.n
        phase = probe.phase.rawValue
        position = probe.position
        let suspect =
            (1...max(1, facts.commits.count)).contains(probe.position) && !facts.commits.isEmpty
            ? facts.commits[probe.position - 1] : nil
        what = suspect?.project ?? "base"
        commit = suspect.map { context.commit($0.revision, of: $0.project) }
        let shape: Shape =
            switch probe.answer {
            case .pass: .passing
            case .fail: .broken
            case .untestable: .unknown
            case .error: .lost
            }
        icon = shape.icon
        answer = probe.answer.rawValue
        how = probe.isReused ? "stored result" : "built"
        took = probe.seconds.map(\.durationText) ?? "–"
        attempt = probe.attempt.map { Link(text: $0, href: links.attempt($0)) }
    }
}
