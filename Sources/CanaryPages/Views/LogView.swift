// SPDX-License-Identifier: Apache-2.0

package import CanaryHistory
package import CanaryModel
import CanaryText
import Foundation

/// The facts that the page of an attempt shows.
package struct LogFacts: Sendable {
    /// Where a stage begins in the log.
    package struct StageStart: Hashable, Sendable {
        /// The offset of its first byte.
        package let offset: Int
        /// The stage.
        package let stage: Stage

        /// Creates the start of a stage.
        package init(offset: Int, stage: Stage) {
            self.offset = offset
            self.stage = stage
        }
    }

    /// The attempt.
    package let attempt: AttemptRecord
    /// The jobs that used its build.
    package let jobs: [JobID]
    /// The log; nil if there is none.
    package let log: LogText?
    /// Why there is no log, in one sentence.
    package let absence: String?
    /// How many tests it reported; nil when it reported none.
    package let tests: TestCounts?

    /// Creates the facts.
    package init(
        attempt: AttemptRecord, jobs: [JobID], log: LogText?, absence: String? = nil, tests: TestCounts? = nil
    ) {
        self.attempt = attempt
        self.jobs = jobs
        self.log = log
        self.absence = absence
        self.tests = tests
    }
}

/// The page of an attempt.
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
    let tests: String?
    let jobs: [Link]
    let hasStages: Bool
    let stages: [StageLine]
    let firstError: String?
    let log: String?
    let absence: String?
    let size: String?
    let text: String?
    let follow: String?

    /// A stage in the list of stages.
    struct StageLine: Sendable {
        let stage: String
        let took: String
        let exit: String
        /// The fragment of its heading, if the log shows it.
        let anchor: String?
    }

    /// Creates the view of `facts`.
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
        frame = Frame(context, links: links, title: "attempt \(record.id): \(what) \(result)", shape: shape)
        startedAt = DisplayedTime(record.start.startedAt)
        took = record.seconds.map(\.durationText) ?? "–"
        purpose = record.start.purpose.rawValue
        run = Link(text: record.run, href: links.run(record.run))
        key = String(record.key.prefix(12))
        tests = facts.tests?.text
        jobs = facts.jobs.map { Link(text: $0.description, href: links.job($0)) }
        let logText = facts.log
        log = logText?.html
        firstError = logText?.errorLine.map { "L\($0)" }
        absence = facts.log == nil ? HTMLText.clipped(facts.absence ?? "there is no log", to: 200) : nil
        size = logText.map { "\($0.lines.counting("line")), \($0.bytes.sizeText)" }
        text = links.logText(record.id)
        follow = isRunning ? links.logText(record.id).map { "\($0)?follow=1" } : nil
        stages = record.stages.map { stage in
            StageLine(
                stage: stage.stage.rawValue, took: stage.endedAt.timeIntervalSince(stage.startedAt).durationText,
                exit: Self.text(stage.exit),
                anchor: logText?.stages.contains(stage.stage) == true
                    ? "stage-\(stage.stage.rawValue)" : nil)
        }
        hasStages = !stages.isEmpty
    }

    private static func text(_ exit: ExitStatus?) -> String {
        switch exit {
        case .code(let code): "exit \(code)"
        case .signal(let signal): "signal \(signal)"
        case nil: "ended by Canary"
        }
    }
}
