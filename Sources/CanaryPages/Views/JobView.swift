// SPDX-License-Identifier: Apache-2.0

package import CanaryHistory
import CanaryJudge
package import CanaryModel
import CanaryText
import Foundation

/// The facts that the page of a job shows.
package struct JobFacts: Sendable {
    /// The job.
    package let job: JobID
    /// Its overview; nil if history does not know it.
    package let overview: JobOverview?
    /// Its runs, newest first.
    package let entries: [JobHistoryEntry]
    /// The attempts of the builds in `entries`, in any order.
    package let attempts: [AttemptRecord]
    /// Further facts about it.
    package let notes: JobNotes

    /// Creates the facts.
    package init(
        job: JobID, overview: JobOverview?, entries: [JobHistoryEntry], attempts: [AttemptRecord] = [],
        notes: JobNotes = JobNotes()
    ) {
        self.job = job
        self.overview = overview
        self.entries = entries
        self.attempts = attempts
        self.notes = notes
    }
}

/// The page of a job.
package struct JobView: Sendable {
    let frame: Frame
    let job: String
    let icon: String
    let word: String
    let shape: String
    let labels: [String]
    let title: String
    let since: DisplayedTime?
    let loss: String?
    let episode: EpisodeCard?
    let lastResult: String
    let lastRunAt: DisplayedTime?
    let why: String?
    let flakeRate: String?
    let expected: Link?
    let tests: String?
    let testNote: String?
    let lastKnownGood: KnownBuild?
    let firstKnownBad: KnownBuild?
    let hasChanges: Bool
    let changes: [Change]
    let resultHistory: String
    let legend: String
    let durations: String?
    let hasEntries: Bool
    let entries: [EntryLine]
    let badge: String

    /// Creates the view of `facts`.
    package init(_ context: PageContext, _ facts: JobFacts) {
        let links = Links(context.site, depth: 2)
        let state = JobState(facts, in: context)
        let overview = facts.overview
        job = facts.job.description
        frame = Frame(context, links: links, title: "\(job): \(state.word)", shape: state.shape)
        icon = state.shape.icon
        word = state.word
        shape = state.shape.rawValue
        labels = state.labels
        title = HTMLText.clipped(context.stack.graph[facts.job.project]?.title ?? facts.job.project, to: 80)
        since = overview?.since.map(DisplayedTime.init)
        loss = state.loss == nil ? nil : Self.lossSentence(state, overview)
        episode =
            state.isFailing ? EpisodeCard(facts, state: state, context, links: links, changeLimit: 0) : nil
        lastResult = overview?.lastResult?.rawValue ?? "none yet"
        lastRunAt = overview?.lastRunAt.map(DisplayedTime.init)
        why = facts.entries.first.map { "\($0.action.rawValue): \(HTMLText.clipped($0.reason.detail, to: 200))" }
        flakeRate = facts.notes.flakeRate.map(\.percentText)
        expected = overview?.expectedIssue.map { issue in
            let isWeb = issue.utf8.count < 500 && (issue.hasPrefix("https://") || issue.hasPrefix("http://"))
            return Link(text: HTMLText.clipped(issue, to: 120), href: isWeb ? issue : nil)
        }
        tests = facts.notes.tests.map { $0.counts?.text ?? "none ran" }
        testNote = facts.notes.tests?.note.map { HTMLText.clipped($0, to: 400) }
        lastKnownGood = overview?.lastKnownGood.map { KnownBuild($0, of: facts.job, context, links: links) }
        firstKnownBad = overview?.firstKnownBad.map { KnownBuild($0, of: facts.job, context, links: links) }
        changes = Change.all(of: facts.job, from: overview?.lastKnownGood, to: overview?.firstKnownBad, in: context)
        hasChanges = !changes.isEmpty
        resultHistory = ResultHistory.svg(facts.entries.prefix(ResultHistory.length).reversed().map(ResultMark.init))
        legend = ResultHistory.legend
        durations = DurationPlot.svg(Self.points(facts.attempts))
        entries = EntryLine.all(facts, context, links: links)
        hasEntries = !entries.isEmpty
        badge = "\(links.root)badge/\(job).json"
    }

    private static func lossSentence(_ state: JobState, _ overview: JobOverview?) -> String {
        let verdict = (overview?.verdict ?? .unknown).rawValue
        return "coverage is lost (\(state.loss?.rawValue ?? "")): the verdict \(verdict) is older"
    }

    /// The last sixty executions of the job's builds, oldest first.
    private static func points(_ attempts: [AttemptRecord]) -> [DurationPlot.Point] {
        attempts.filter { $0.start.purpose != .control && $0.start.purpose != .probe }
            .sorted { $0.start.startedAt < $1.start.startedAt }
            .compactMap { attempt in
                guard let seconds = attempt.seconds, let result = attempt.outcome?.result else { return nil }
                return DurationPlot.Point(seconds: seconds, mark: ResultMark(result, flaky: false))
            }
            .suffix(60)
    }
}

/// A run in which a job passed or failed, with the revisions that were built.
struct KnownBuild: Sendable {
    let at: DisplayedTime
    let run: Link
    let vector: [LastKnownGoodCard.ProjectRevision]

    init(_ build: JobBuild, of job: JobID, _ context: PageContext, links: Links) {
        at = DisplayedTime(build.at)
        run = Link(text: build.run, href: links.run(build.run))
        let revisions = RevisionVector(of: build, project: job.project).revisions
        let names = [job.project] + context.stack.graph.projects.map(\.name).filter { $0 != job.project }
        vector = names.compactMap { name in
            revisions[name].map {
                LastKnownGoodCard.ProjectRevision(project: name, commit: context.commit($0, of: name))
            }
        }
    }
}

/// An attempt as a link.
struct AttemptLine: Sendable {
    let link: Link
    let icon: String
    let purpose: String
    let took: String

    init(_ attempt: AttemptRecord, links: Links) {
        link = Link(text: attempt.id, href: links.attempt(attempt.id))
        icon = Shape(attempt.outcome?.result).icon
        purpose = attempt.start.purpose.rawValue
        took = attempt.seconds.map(\.durationText) ?? attempt.state.rawValue
    }
}

/// A run of a job, in the table of its runs.
struct EntryLine: Sendable {
    let run: Link
    let at: DisplayedTime
    let icon: String
    let result: String
    let isFlaky: Bool
    let isJudged: Bool
    let why: String
    let commit: CommitLink?
    let attempts: [AttemptLine]
    let verdict: String

    static func all(_ facts: JobFacts, _ context: PageContext, links: Links) -> [EntryLine] {
        let attempts = Dictionary(grouping: facts.attempts) { $0.run }
        return facts.entries.map { entry in
            EntryLine(
                run: Link(text: entry.run, href: links.run(entry.run)), at: DisplayedTime(entry.at),
                icon: Shape(entry.result).icon, result: entry.result?.rawValue ?? "open", isFlaky: entry.flaky,
                isJudged: entry.judged,
                why: "\(entry.action.rawValue): \(HTMLText.clipped(entry.reason.detail, to: 160))",
                commit: entry.revision.map { context.commit($0, of: facts.job.project) },
                attempts: (attempts[entry.run] ?? []).filter { $0.key == entry.key }
                    .sorted { $0.start.startedAt < $1.start.startedAt }.map { AttemptLine($0, links: links) },
                verdict: entry.verdict.rawValue)
        }
    }
}

extension Shape {
    /// The shape of a result.
    init(_ result: Result?) {
        self =
            switch result {
            case .passed: .passing
            case .failed, .timedOut: .broken
            case .error, .blocked: .lost
            case .skipped, .cancelled, nil: .unknown
            }
    }
}
