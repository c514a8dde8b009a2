// SPDX-License-Identifier: Apache-2.0

package import CanaryBisection
package import CanaryModel
import CanaryText
package import Foundation

/// All that the page of a search is made from.
package struct SearchFacts: Sendable {
    /// A commit of the range.
    package struct Suspect: Hashable, Sendable {
        /// The project.
        package let project: String
        /// The whole SHA.
        package let revision: String
        /// The first line of its message.
        package let subject: String?
        /// Who wrote it.
        package let author: String?
        /// When it was committed.
        package let committedAt: Date?

        /// Names a commit.
        package init(
            project: String, revision: String, subject: String? = nil, author: String? = nil, committedAt: Date? = nil
        ) {
            self.project = project
            self.revision = revision
            self.subject = subject
            self.author = author
            self.committedAt = committedAt
        }
    }

    /// A probe that was answered.
    package struct Answered: Hashable, Sendable {
        /// Its number, from 1.
        package let n: Int
        /// What it was asked for.
        package let phase: SearchPhase
        /// 0 is the base, the number of commits the head.
        package let position: Int
        /// What it said.
        package let answer: ProbeAnswer
        /// Whether a stored result answered it.
        package let isReused: Bool
        /// How long it took; nil where that is not known.
        package let seconds: Double?
        /// The attempt that answered.
        package let attempt: String?

        /// Puts it together.
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
    /// What it asks, in one line.
    package let question: String
    /// When it began.
    package let startedAt: Date
    /// When it ended; nil while it goes on.
    package let finishedAt: Date?
    /// What it found; nil while it goes on.
    package let result: SearchResult.Kind?
    /// What the confirmation builds said; nil where none are owed.
    package let confirmation: Confirmation?
    /// The range in landing order.
    package let commits: [Suspect]
    /// The probability of the environment, of each commit, of nobody; empty where it is not known.
    package let probabilities: [Double]
    /// What was asked, in order.
    package let probes: [Answered]
    /// How many builds it may make; nil where that is not known.
    package let budget: Int?

    /// Puts them together.
    package init(
        id: String, job: JobID?, question: String, startedAt: Date, finishedAt: Date?, result: SearchResult.Kind?,
        confirmation: Confirmation?, commits: [Suspect], probabilities: [Double], probes: [Answered], budget: Int?
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

    /// A suspect and its probability.
    struct SuspectLine: Sendable {
        let what: String
        let commit: Commit?
        let subject: String?
        let author: String?
        let committedAt: DisplayedTime?
        let probability: String
    }

    /// A probe in the table.
    struct ProbeLine: Sendable {
        let n: Int
        let phase: String
        let position: Int
        let what: String
        let commit: Commit?
        let icon: String
        let answer: String
        let how: String
        let took: String
        let attempt: Link?
    }

    /// Draws the page of a search.
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
        case .flake: "an accident: nothing is broken"
        case .environment: "the environment: the base fails as well"
        case .unresolved: "unresolved"
        case .notMonotone: "no single commit explains it"
        case .nothingMoved: "nothing moved"
        }
    }

    private static func sentence(_ confirmation: Confirmation) -> String {
        switch confirmation {
        case .open: "still to be confirmed by four builds, an hour or more after the search"
        case .confirmed: "confirmed: the parent passes and the culprit fails, twice"
        case .refuted: "refuted: a build contradicted"
        }
    }

    /// The suspects that have some weight, the heaviest first, ten at most.
    private static func suspects(_ context: PageContext, _ facts: SearchFacts) -> [SuspectLine] {
        let sorted = facts.probabilities.enumerated().filter { $1 >= 0.001 }
            .sorted { $0.element == $1.element ? $0.offset < $1.offset : $0.element > $1.element }
        return sorted.prefix(10).compactMap { number, probability in
            let share = probability.percentText
            if number == 0 || number == facts.probabilities.count - 1 {
                return SuspectLine(
                    what: number == 0 ? "the environment" : "no culprit", commit: nil, subject: nil, author: nil,
                    committedAt: nil, probability: share)
            }
            guard number <= facts.commits.count else { return nil }
            let suspect = facts.commits[number - 1]
            return SuspectLine(
                what: suspect.project, commit: context.commit(suspect.revision, of: suspect.project),
                subject: suspect.subject.map { HTMLText.clipped($0, to: 140) },
                author: suspect.author.map { HTMLText.clipped($0, to: 60) },
                committedAt: suspect.committedAt.map(DisplayedTime.init), probability: share)
        }
    }
}

extension SearchView.ProbeLine {
    init(_ probe: SearchFacts.Answered, _ context: PageContext, _ facts: SearchFacts, links: Links) {
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
