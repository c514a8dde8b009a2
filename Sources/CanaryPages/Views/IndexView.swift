// SPDX-License-Identifier: Apache-2.0

import CanaryBisection
package import CanaryHistory
package import CanaryModel
import CanaryText
package import Foundation

/// The facts that the index shows.
package struct IndexFacts: Sendable {
    /// The overview of every job.
    package var overview: [JobID: JobOverview]
    /// The newest results of each job; `ResultHistory.length` are shown.
    package var recentResults: [JobID: JobStrip]
    /// Further facts about the jobs.
    package var notes: [JobID: JobNotes]
    /// The last known good vector of each variant that has one.
    package var lastKnownGoods: [LastKnownGood]
    /// The newest runs.
    package var runs: [RunSummary]

    /// Creates the facts.
    package init(
        overview: [JobID: JobOverview] = [:], recentResults: [JobID: JobStrip] = [:],
        notes: [JobID: JobNotes] = [:], lastKnownGoods: [LastKnownGood] = [], runs: [RunSummary] = []
    ) {
        self.overview = overview
        self.recentResults = recentResults
        self.notes = notes
        self.lastKnownGoods = lastKnownGoods
        self.runs = runs
    }

    /// The facts about `job`, without its runs.
    func facts(of job: JobID) -> JobFacts {
        JobFacts(job: job, overview: overview[job], entries: [], notes: notes[job] ?? JobNotes())
    }
}

/// The vector of the newest judged run in which every `head` job of a variant passed, or failed as expected.
package struct LastKnownGood: Hashable, Sendable {
    /// The variant.
    package let variant: String
    /// When that run started.
    package let at: Date
    /// The run.
    package let run: String
    /// The revision of each project.
    package let revisions: [String: String]
    /// The jobs that failed as expected.
    package let except: [JobID]

    /// Creates a vector.
    package init(variant: String, at: Date, run: String, revisions: [String: String], except: [JobID] = []) {
        self.variant = variant
        self.at = at
        self.run = run
        self.revisions = revisions
        self.except = except
    }
}

/// The index.
package struct IndexView: Sendable {
    let frame: Frame
    let headline: String
    let tallies: [Tally]
    let hasEpisodes: Bool
    let episodes: [EpisodeCard]
    let hasLosses: Bool
    let losses: [LossLine]
    let columns: [Column]
    let lanes: [LaneHeader]
    let rows: [MatrixRow]
    let legend: String
    let graph: String
    let edges: [EdgeLine]
    let lastKnownGoods: [LastKnownGoodCard]
    let hasRuns: Bool
    let runs: [RunLine]

    /// How many jobs have one shape.
    struct Tally: Sendable {
        let icon: String
        let count: Int
        let word: String
    }

    /// A project and its upstreams: a line of the graph as a list.
    struct EdgeLine: Sendable {
        let project: String
        let upstreams: String
    }

    /// Creates the view of `facts`.
    package init(_ context: PageContext, _ facts: IndexFacts) {
        let links = Links(context.site, depth: 0)
        let states = Self.states(context, facts)
        let counts = Dictionary(grouping: states.values, by: \.shape).mapValues(\.count)
        headline = Self.headline(counts, jobs: context.stack.jobs.count)
        let worst = Shape.allCases.first { counts[$0] != nil } ?? .unknown
        frame = Frame(context, links: links, title: headline, shape: worst)
        tallies = Shape.allCases.compactMap { shape in
            counts[shape].map { Tally(icon: shape.icon, count: $0, word: shape.rawValue) }
        }
        episodes = EpisodeCard.all(states, context, facts, links: links)
        hasEpisodes = !episodes.isEmpty
        losses = LossLine.all(states, context, facts, links: links)
        hasLosses = !losses.isEmpty
        columns = context.stack.variants.map { Column(name: $0.name, span: $0.lanes.count) }
        lanes = context.stack.variants.flatMap { variant in
            variant.lanes.enumerated().map { LaneHeader(lane: $1.rawValue, isFirst: $0 == 0) }
        }
        rows = MatrixRow.all(states, context, facts, links: links)
        legend = ResultHistory.legend
        let culprits = facts.notes.compactMapValues { $0.culprit.map { Set([$0.project]) } }
        graph = GraphDrawing(context.stack.graph, states: states, culprits: culprits).svg
        edges = context.stack.graph.projects.map { project in
            let names = project.upstreams.map { $0.optional ? "\($0.project) (optional)" : $0.project }
            return EdgeLine(project: project.name, upstreams: names.isEmpty ? "nothing" : names.joined(separator: ", "))
        }
        lastKnownGoods = LastKnownGoodCard.all(context, facts, links: links)
        runs = facts.runs.map { RunLine($0, links: links) }
        hasRuns = !runs.isEmpty
    }

    private static func states(_ context: PageContext, _ facts: IndexFacts) -> [JobID: JobState] {
        let pairs = context.stack.jobs.map { ($0, JobState(facts.facts(of: $0), in: context)) }
        return Dictionary(pairs, uniquingKeysWith: { first, _ in first })
    }

    /// The number of jobs that do not pass, worst first; `all 12 jobs pass` if all do.
    private static func headline(_ counts: [Shape: Int], jobs: Int) -> String {
        guard jobs > 0 else { return "no jobs" }
        if counts[.passing] == jobs { return jobs == 1 ? "the only job passes" : "all \(jobs) jobs pass" }
        let wrong = Shape.allCases.filter { $0 != .passing }
        return wrong.compactMap { shape in counts[shape].map { "\($0) \(shape.rawValue)" } }.joined(separator: ", ")
    }
}

/// A run in the list of runs.
struct RunLine: Sendable {
    let run: Link
    let trigger: String
    let startedAt: DisplayedTime
    let took: String
    let state: String
    let results: String
    let isJudged: Bool

    init(_ summary: RunSummary, links: Links) {
        run = Link(text: summary.start.id, href: links.run(summary.start.id))
        trigger = HTMLText.clipped(summary.start.trigger, to: 60)
        startedAt = DisplayedTime(summary.start.startedAt)
        took = summary.finishedAt.map { $0.timeIntervalSince(summary.start.startedAt).durationText } ?? "–"
        state = summary.state.rawValue
        isJudged = summary.start.judged
        let ended = Result.allCases.compactMap { result in summary.results[result].map { "\($0) \(result.rawValue)" } }
        results = (ended + (summary.open > 0 ? ["\(summary.open) open"] : [])).joined(separator: ", ")
    }
}

/// The last known good vector of a variant; empty if there is none yet.
struct LastKnownGoodCard: Sendable {
    let variant: String
    let at: DisplayedTime?
    let run: Link?
    let vector: [ProjectRevision]
    let except: String?
    let json: String

    /// A project at its revision.
    struct ProjectRevision: Sendable {
        let project: String
        let commit: CommitLink
    }

    static func all(_ context: PageContext, _ facts: IndexFacts, links: Links) -> [LastKnownGoodCard] {
        let known = Dictionary(facts.lastKnownGoods.map { ($0.variant, $0) }, uniquingKeysWith: { first, _ in first })
        return context.stack.variants.map { variant in
            let good = known[variant.name]
            let pins = context.stack.graph.projects.compactMap { project in
                good?.revisions[project.name].map { revision in
                    ProjectRevision(project: project.name, commit: context.commit(revision, of: project.name))
                }
            }
            let except = good.flatMap { $0.except.isEmpty ? nil : $0.except.map(\.description) }
            return LastKnownGoodCard(
                variant: variant.name, at: good.map { DisplayedTime($0.at) },
                run: good.map { Link(text: $0.run, href: links.run($0.run)) }, vector: pins,
                except: except?.joined(separator: ", "), json: links.lastKnownGood(variant.name))
        }
    }
}
