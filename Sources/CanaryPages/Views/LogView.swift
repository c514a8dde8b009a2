// SPDX-License-Identifier: Apache-2.0

package import CanaryHistory
package import CanaryModel
import CanaryText
package import Foundation

/// What a log's page is made from.
package struct LogFacts: Sendable {
    /// Where a stage begins in the log.
    package struct Mark: Hashable, Sendable {
        /// The byte it begins at.
        package let offset: Int
        /// The stage.
        package let stage: Stage

        /// Marks the beginning of a stage.
        package init(offset: Int, stage: Stage) {
            self.offset = offset
            self.stage = stage
        }
    }

    /// The attempt.
    package let attempt: AttemptRecord
    /// The jobs that its build decided.
    package let jobs: [JobID]
    /// The bytes of the log as they came, best mapped from the file; nil when there is none.
    package let log: Data?
    /// Where its stages begin.
    package let marks: [Mark]
    /// Why there is no log, in one sentence.
    package let absence: String?

    /// Puts them together.
    package init(attempt: AttemptRecord, jobs: [JobID], log: Data?, marks: [Mark], absence: String? = nil) {
        self.attempt = attempt
        self.jobs = jobs
        self.log = log
        self.marks = marks
        self.absence = absence
    }
}

/// The page of an attempt: what it printed.
package struct LogView: Sendable {
    let frame: Frame
    let attempt: String
    let icon: String
    let result: String
    let what: String
    let reason: String?
    let error: ErrorNote?
    let startedAt: DisplayedTime
    let took: String
    let purpose: String
    let run: Link
    let key: String
    let jobs: [Link]
    let hasStages: Bool
    let stages: [StageLine]
    let firstError: String?
    let log: String?
    let absence: String?
    let size: String?
    let text: String?
    let follow: String?

    /// A stage in the table.
    struct StageLine: Sendable {
        let stage: String
        let took: String
        let exit: String
        /// The fragment of its first line, where the log shows it.
        let anchor: String?
    }

    /// Draws the page of an attempt.
    package init(_ context: PageContext, _ facts: LogFacts) {
        let links = Links(context.site, depth: 1)
        let record = facts.attempt
        let isRunning = record.state == .running || record.state == .queued
        let shape = Shape(record.outcome?.result)
        attempt = record.id
        icon = shape.icon
        result = record.outcome?.result.rawValue ?? record.state.rawValue
        what = "\(record.project)@\(record.variant)"
        reason = record.outcome?.reason.map(\.sentence)
        error = record.outcome?.firstError.map { ErrorNote($0, limit: 500) }
        frame = Frame(context, links: links, title: "attempt \(record.id): \(what) \(result)", mood: shape)
        startedAt = DisplayedTime(record.start.startedAt)
        took = record.seconds.map(\.durationText) ?? "–"
        purpose = record.start.purpose.rawValue
        run = Link(text: record.run, href: links.run(record.run))
        key = String(record.key.prefix(12))
        jobs = facts.jobs.map { Link(text: $0.description, href: links.job($0)) }
        let written = facts.log.map {
            LogText($0, marks: facts.marks, firstError: isRunning ? nil : record.outcome?.firstError?.text)
        }
        log = written?.html
        firstError = written?.errorLine.map { "L\($0)" }
        absence = facts.log == nil ? HTMLText.clipped(facts.absence ?? "there is no log", to: 200) : nil
        size = written.map { "\($0.lines.counting("line")), \((facts.log?.count ?? 0).sizeText)" }
        text = links.logText(record.id)
        follow = isRunning ? links.logText(record.id).map { "\($0)?follow=1" } : nil
        stages = record.stages.map { stage in
            StageLine(
                stage: stage.stage.rawValue, took: stage.endedAt.timeIntervalSince(stage.startedAt).durationText,
                exit: Self.spoken(stage.exit),
                anchor: written?.stages.contains(stage.stage) == true
                    ? "stage-\(stage.stage.rawValue)" : nil)
        }
        hasStages = !stages.isEmpty
    }

    private static func spoken(_ exit: ExitStatus?) -> String {
        switch exit {
        case .code(let code): "exit \(code)"
        case .signal(let signal): "signal \(signal)"
        case nil: "ended by Canary"
        }
    }
}
