// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CanaryFiles
import CanaryHistory
import CanaryModel
import CanaryRunner
import CanaryText
import Foundation

/// `canary ack`.
struct AckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ack", abstract: "Record that somebody is working on an episode.",
        discussion: """
            Recorded permanently with your name and the time, and shown with the episode. It changes no verdict and \
            silences no notice; use `canary mute` for that.
            """)

    @Argument(help: "The episode, as `canary status JOB` shows it.")
    var episode: String

    @OptionGroup var decision: DecisionOptions
    @OptionGroup var common: CommonOptions

    func run() async throws {
        let history = try decision.history(common)
        guard case .episode(let id)? = try await history.reader.kind(of: episode) else {
            throw BadInput(text: "no episode `\(episode)` in history", hint: "`canary status JOB` shows it")
        }
        try await history.inbox.record(decision.record(.ack, on: id))
        if !common.quiet { Console.note("`\(decision.who)` is working on `\(id)`") }
    }
}

/// `canary mute`.
struct MuteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mute", abstract: "Silence notices about a job until a given time.",
        discussion: """
            The job still runs, its verdict still changes, and everything is recorded; only notices about muted jobs alone \
            are not sent. It expires by itself; `--until 0s` ends it now. T is a duration such as `2d`, a date, or a time in \
            RFC 3339 format.
            """)

    @Argument(help: "A job, such as openexr@vfx2026/head; or a project, for all its jobs.")
    var job: String

    @Option(name: .long, help: ArgumentHelp("How long, or until when (required).", valueName: "t"))
    var until: String

    @OptionGroup var decision: DecisionOptions
    @OptionGroup var common: CommonOptions

    func run() async throws {
        let jobs = try JobChoice.jobs(job, in: common.loadStack(showingWarnings: false))
        let (history, now) = (try decision.history(common), Date())
        let end = try Self.instant(until, from: now)
        for job in jobs.sorted() {
            let kind: HumanDecision.Kind = end > now ? .mute : .unmute
            try await history.inbox.record(decision.record(kind, on: job.description, until: end))
            if !common.quiet {
                Console.note(end > now ? "`\(job)` is muted until \(end.rfc3339)" : "`\(job)` is not muted")
            }
        }
    }

    private static func instant(_ text: String, from now: Date) throws -> Date {
        if let span = TimeSpan(text) { return now.addingTimeInterval(TimeInterval(span.seconds)) }
        if let time = Date(instantOrDay: text) { return time }
        throw BadInput(
            text: "`--until \(text)`: expected a duration, a date or a time",
            hint: "such as `2d`, `2027-01-31` or `2027-01-31T08:00:00Z`")
    }
}

/// The options of a decision: who decides, and why.
struct DecisionOptions: ParsableArguments {
    @Option(name: .long, help: ArgumentHelp("Why; shown with the decision.", valueName: "text"))
    var note = ""

    @Option(
        name: .customLong("by"), help: ArgumentHelp("Who decides. (default: your login name)", valueName: "name"))
    var by: String?

    var who: String { by ?? ProcessInfo.processInfo.environment["SUDO_USER"] ?? NSUserName() }

    func record(_ kind: HumanDecision.Kind, on subject: String, until: Date? = nil) -> HumanDecision {
        HumanDecision(kind, on: subject, by: who, at: Date(), until: until, note: note)
    }

    /// The history to write to.
    ///
    /// Decisions do not need the lock of the state folder.
    func history(_ common: CommonOptions) throws -> History {
        let stack = try common.loadStack(showingWarnings: false)
        guard try HistoryFile.exists(common.stateFolder.database) else {
            throw BadInput(text: "`\(common.stateFolder.path)` has no history yet", hint: "`canary run` starts one")
        }
        return try History.open(path: common.stateFolder.database, stack: stack.name)
    }
}
