// SPDX-License-Identifier: Apache-2.0

package import CanaryHistory
import CanaryJudge
package import CanaryModel
import CanaryText
import Foundation

/// The page of a run.
package struct RunView: Sendable {
    let frame: Frame
    let run: String
    let trigger: String
    let state: String
    let isJudged: Bool
    let startedAt: DisplayedTime
    let finishedAt: DisplayedTime?
    let took: String
    let summary: String
    let json: String
    let hasTransitions: Bool
    let transitions: [TransitionLine]
    let hasMessages: Bool
    let messages: [MessageLine]
    let jobs: [RunJobLine]
    let hasSnapshot: Bool
    let snapshot: [SnapshotLine]
    let environments: [EnvironmentLine]

    /// A change of verdict.
    struct TransitionLine: Sendable {
        let job: Link
        let from: String
        let to: String
        let icon: String
        let at: DisplayedTime
    }

    /// A notice that the run would have sent.
    struct MessageLine: Sendable {
        let kind: String
        let job: Link
    }

    /// The revision that a name resolved to, or why it did not resolve.
    struct SnapshotLine: Sendable {
        let project: String
        let kind: String
        let commit: CommitLink?
        let trouble: String?
    }

    /// The image of a variant.
    struct EnvironmentLine: Sendable {
        let variant: String
        let id: String
    }

    /// Creates the view of `record`, with the tests of its jobs.
    package init(_ context: PageContext, _ record: RunRecord, tests: [JobID: JobTests] = [:]) {
        let links = Links(context.site, depth: 1)
        run = record.start.id
        trigger = HTMLText.clipped(record.start.trigger, to: 120)
        state = record.state.rawValue
        isJudged = record.start.judged
        startedAt = DisplayedTime(record.start.startedAt)
        finishedAt = record.finishedAt.map(DisplayedTime.init)
        took = record.finishedAt.map { $0.timeIntervalSince(record.start.startedAt).durationText } ?? "–"
        let counts = Dictionary(grouping: record.jobs, by: \.result).mapValues(\.count)
        let ended = Result.allCases.compactMap { result in counts[result].map { "\($0) \(result.rawValue)" } }
        let counted = ended + (counts[nil].map { ["\($0) open"] } ?? [])
        summary = counted.isEmpty ? "no jobs" : counted.joined(separator: ", ")
        let shape = record.jobs.map { Shape($0.result) }.min { $0.rank < $1.rank } ?? .unknown
        frame = Frame(context, links: links, title: "run \(run): \(summary)", shape: shape)
        json = "\(links.root)runs/\(run).json"
        transitions = record.transitions.map { change in
            TransitionLine(
                job: Link(text: change.job.description, href: links.job(change.job)), from: change.from.rawValue,
                to: change.to.rawValue, icon: Shape(change.to).icon, at: DisplayedTime(change.at))
        }
        hasTransitions = !transitions.isEmpty
        messages = record.wouldTell.map { message in
            MessageLine(
                kind: message.kind.rawValue, job: Link(text: message.job.description, href: links.job(message.job)))
        }
        hasMessages = !messages.isEmpty
        let attempts = Dictionary(grouping: record.attempts, by: \.key)
        jobs = record.jobs.map { job in
            RunJobLine(
                job, attempts: job.planned.key.flatMap { attempts[$0] } ?? [], tests: tests[job.planned.job], context,
                links: links)
        }
        snapshot = Self.snapshot(of: record, context)
        hasSnapshot = !snapshot.isEmpty
        environments = record.snapshot.environments.sorted { $0.key < $1.key }
            .map { EnvironmentLine(variant: $0.key, id: HTMLText.clipped($0.value, to: 100)) }
    }

    private static func snapshot(of record: RunRecord, _ context: PageContext) -> [SnapshotLine] {
        func lines(_ resolutions: [String: Resolution], kind: String) -> [SnapshotLine] {
            let known = context.stack.graph.projects.map(\.name).filter { resolutions[$0] != nil }
            let names = known + resolutions.keys.filter { context.stack.graph[$0] == nil }.sorted()
            return names.compactMap { name in
                switch resolutions[name] {
                case .source(let source):
                    SnapshotLine(
                        project: name, kind: kind, commit: context.commit(source.revision, of: name), trouble: nil)
                case .failed(let reason, let detail):
                    SnapshotLine(
                        project: name, kind: kind, commit: nil,
                        trouble: "\(reason.sentence): \(HTMLText.clipped(detail, to: 200))")
                case nil: nil
                }
            }
        }
        return lines(record.snapshot.revisions, kind: "head") + lines(record.snapshot.releases, kind: "release")
    }
}

/// A job in the table of a run.
struct RunJobLine: Sendable {
    let job: Link
    let icon: String
    let result: String
    let isFlaky: Bool
    let stage: String?
    let why: String
    let error: ErrorNote?
    let fallback: String?
    let attempts: [AttemptLine]
    let verdict: String
    let tests: String?

    init(_ job: RunJob, attempts: [AttemptRecord], tests: JobTests?, _ context: PageContext, links: Links) {
        let planned = job.planned
        self.job = Link(text: planned.job.description, href: links.job(planned.job))
        icon = Shape(job.result).icon
        result = job.result?.rawValue ?? "open"
        isFlaky = job.flaky
        stage = job.outcome?.stage?.rawValue
        why = "\(planned.action.rawValue): \(HTMLText.clipped(planned.reason.detail, to: 160))"
        error = job.outcome?.firstError.map { ErrorNote($0, limit: 200) }
        let fallbacks = planned.fallback.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value.shortRevision)" }
        fallback = fallbacks.isEmpty ? nil : fallbacks.joined(separator: ", ")
        self.attempts = attempts.map { AttemptLine($0, links: links) }
        verdict = job.verdict.rawValue
        let isNews = attempts.contains { $0.id == tests?.attempt }
        self.tests = isNews ? tests?.note.map { "tests: \(HTMLText.clipped($0, to: 300))" } : nil
    }
}

extension Shape {
    /// The shape of a verdict.
    init(_ verdict: Verdict) {
        self =
            switch verdict {
            case .unknown: .unknown
            case .passing: .passing
            case .suspected: .suspected
            case .broken: .broken
            }
    }
}
