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
        commandName: "ack", abstract: "Say that somebody looks after an episode.",
        discussion: """
            Recorded for ever with your name and the time, and shown with the episode; moves no verdict and keeps \
            nobody from being told. `canary mute` does the latter.
            """)

    @Argument(help: "The episode, as `canary status JOB` shows it.")
    var episode: String

    @OptionGroup var deciding: DecidingOptions
    @OptionGroup var common: CommonOptions

    func run() async throws {
        let history = try deciding.history(common)
        guard case .episode(let id)? = try await history.kind(of: episode) else {
            throw BadInput(text: "history knows no episode `\(episode)`", hint: "`canary status JOB` shows it")
        }
        try await history.record(deciding.decision(.ack, on: id))
        if !common.quiet { Console.note("`\(id)` is looked after by \(deciding.who)") }
    }
}

/// `canary mute`.
struct MuteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mute", abstract: "Tell nobody of a job until an instant.",
        discussion: """
            Its runs go on, verdicts move, and all is recorded; only notices that speak of muted jobs alone are not \
            sent. It ends by itself; `--until 0s` ends it now. T is a span such as `2d`, a date, or a time as RFC 3339 \
            writes it.
            """)

    @Argument(help: "A job, such as openexr@vfx2026/head; or a project, for all its jobs.")
    var job: String

    @Option(name: .long, help: ArgumentHelp("How long, or until when; always given.", valueName: "t"))
    var until: String

    @OptionGroup var deciding: DecidingOptions
    @OptionGroup var common: CommonOptions

    func run() async throws {
        let jobs = try JobChoice.jobs(job, in: common.loadStack(showingWarnings: false))
        let (history, now) = (try deciding.history(common), Date())
        let end = try Self.instant(until, from: now)
        for job in jobs.sorted() {
            let kind: HumanDecision.Kind = end > now ? .mute : .unmute
            try await history.record(deciding.decision(kind, on: job.description, until: end))
            if !common.quiet {
                Console.note(end > now ? "`\(job)` is muted until \(end.rfc3339)" : "`\(job)` is not muted")
            }
        }
    }

    private static func instant(_ text: String, from now: Date) throws -> Date {
        if let span = TimeSpan(text) { return now.addingTimeInterval(TimeInterval(span.seconds)) }
        if let time = Date(instantOrDay: text) { return time }
        throw BadInput(
            text: "`--until \(text)`: expected a span, a date or a time",
            hint: "such as `2d`, `2027-01-31` or `2027-01-31T08:00:00Z`")
    }
}

/// Who decides, and why.
struct DecidingOptions: ParsableArguments {
    @Option(name: .long, help: ArgumentHelp("Why; shown with the decision.", valueName: "text"))
    var note = ""

    @Option(
        name: .customLong("by"), help: ArgumentHelp("Who decides; your login name when not given.", valueName: "name"))
    var by: String?

    var who: String { by ?? ProcessInfo.processInfo.environment["SUDO_USER"] ?? NSUserName() }

    func decision(_ kind: HumanDecision.Kind, on subject: String, until: Date? = nil) -> HumanDecision {
        HumanDecision(kind, on: subject, by: who, at: Date(), until: until, note: note)
    }

    /// The history to write to; a decision needs no driver's lock.
    func history(_ common: CommonOptions) throws -> History {
        let stack = try common.loadStack(showingWarnings: false)
        guard try HistoryFile.exists(common.stateFolder.database) else {
            throw BadInput(text: "`\(common.stateFolder.path)` has no history yet", hint: "`canary run` begins one")
        }
        return try History.open(path: common.stateFolder.database, stack: stack.name)
    }
}
