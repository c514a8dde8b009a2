// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CanaryFiles
import CanaryHistory
import CanaryJudge
import CanaryModel
import CanaryServer
import CanaryText
import Foundation

/// `canary show`.
struct ShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show a run, an attempt, a build, an episode or a search, or how two builds differ.",
        discussion: """
            A build is named by its key or by at least the first six digits of it. For two builds of a project, `show` \
            lists what was removed, added and changed in what they install: packages, targets, headers, macros, symbols and \
            files. Symbols are mangled; `| c++filt` makes them readable.

            For other programs, a run is written as a JUnit report, with the tests that its builds reported, or as SARIF \
            2.1.0, which code scanning reads.
            """)

    enum Format: String, CaseIterable, ExpressibleByArgument {
        case text, json, junit, sarif
    }

    @Argument(
        help: "The id of a run (r...), attempt (a...), episode (e...) or search (s...), or the key of a build.")
    var id: String

    @Argument(help: "A second build, by its key or by one of its attempts: show how their installed files differ.")
    var other: String?

    @Option(name: .long, help: "The output format; `junit` and `sarif` are for runs.")
    var format: Format = .text

    @OptionGroup var common: CommonOptions

    private var isJSON: Bool { common.json || format == .json }

    func run() async throws {
        let history = try KnownHistory.open(common)
        if !common.json, format == .junit || format == .sarif { return try await exportRun(in: history) }
        if let other { return try await showChange(from: id, to: other, in: history) }
        switch try await history.kind(of: id) {
        case .run(let id): try await showRun(id, in: history)
        case .attempt(let id):
            try await showAttempt(id, in: history)
        case .episode(let id):
            let episode = try await history.jobs.episode(id)
            let decisions = try await history.decisions.humanDecisions(about: id)
            let deliveries = try await history.notices.deliveries(about: episode.job, since: episode.openedAt).filter {
                delivery in
                episode.closedAt.map { delivery.notice.at <= $0 } ?? true
            }
            let lines =
                [text(episode)] + deliveries.map { "notice  \($0.text)" }
                + decisions.map { "\($0.kind.rawValue)     \($0.text)" }
            Console.result(
                isJSON
                    ? try EpisodeDocument(episode, notices: deliveries, decisions: decisions).json()
                    : lines.joined(separator: "\n"))
        case .search(let id):
            let story = try await history.story(of: id)
            let facts = try await history.facts(of: story)
            Console.result(
                isJSON
                    ? try BisectDocument(story, facts).json()
                    : SearchReport(story: story, facts, options: common.typed).text)
        case .build(let key):
            guard let build = try await history.builds.build(key) else { throw KnownHistory.unknown(id) }
            Console.result(isJSON ? try BuildDocument(build).json() : text(build))
        case nil: throw KnownHistory.unknown(id)
        }
    }

    private func showChange(from old: String, to new: String, in history: HistoryReader) async throws {
        let (from, to) = (try await build(old, in: history), try await build(new, in: history))
        guard from.build.project == to.build.project else {
            throw BadInput(
                text:
                    "`\(old)` is a build of `\(from.build.project)`, but `\(new)` is a build of `\(to.build.project)`",
                hint: "only builds of the same project can be compared")
        }
        let change = SurfaceChange(
            from: try await surface(of: from, in: history), to: try await surface(of: to, in: history))
        Console.result(
            isJSON
                ? try SurfaceDocument(from: from, to: to, change).json()
                : SurfaceReport(from: from, to: to, change: change, verbose: common.verbose).text)
    }

    /// The build with the key `id`, or the build of the attempt `id`.
    private func build(_ id: String, in history: HistoryReader) async throws -> BuildHistory {
        let key: String? =
            switch try await history.kind(of: id) {
            case .build(let key): key
            case .attempt(let id): try await history.builds.attempt(id)?.key
            case .run, .episode, .search:
                throw BadInput(
                    text: "`\(id)` is not a build",
                    hint: "to compare two builds, give the key or an attempt of each")
            case nil: nil
            }
        guard let key, let build = try await history.builds.build(key) else { throw KnownHistory.unknown(id) }
        return build
    }

    private func surface(of history: BuildHistory, in record: HistoryReader) async throws -> Surface {
        let build = history.build
        guard let tree = history.lastTree else {
            throw BadInput(
                text: "the build `\(build.key.shortRevision)` of `\(build.project)` installed nothing",
                hint: "`canary show \(build.key.shortRevision)` lists its attempts")
        }
        guard let surface = try await record.builds.surface(of: tree) else {
            throw BadInput(
                text:
                    "the installed files of the build `\(build.key.shortRevision)` of `\(build.project)` are not in history",
                hint:
                    "`canary run \(build.project) --at \(build.project)=\(build.source.revision) --force` records them")
        }
        return surface
    }

    private func exportRun(in history: HistoryReader) async throws {
        guard other == nil, case .run(let id)? = try await history.kind(of: id),
            let export = try await history.export(run: id)
        else {
            throw BadInput(
                text: "`--format \(format.rawValue)` is for a run, and `\(other ?? id)` is none",
                hint: "`canary history` lists the runs")
        }
        let version = CanaryCommand.configuration.version
        Console.result(
            format == .junit ? JUnitExport(export).xml : try SarifExport(export, version: version).json())
    }

    private func showAttempt(_ id: String, in history: HistoryReader) async throws {
        guard let attempt = try await history.builds.attempt(id) else { throw KnownHistory.unknown(id) }
        let report = try await history.tests.report(of: id)
        let counts = try await history.tests.counts(of: [id])[id]
        if isJSON {
            Console.result(try AttemptDocument(attempt, tests: report, counts: counts).json())
        } else {
            Console.result(([text(attempt)] + tests(report, counts)).joined(separator: "\n"))
        }
    }

    /// The tests of an attempt: all with `--verbose`, otherwise those that failed.
    private func tests(_ report: TestReport?, _ counts: TestCounts?) -> [String] {
        guard let report, let counts else { return [] }
        var table = Table(header: ["test", "result", "seconds"])
        let shown = report.tests.filter { common.verbose || $0.result == .failed }
        for test in shown {
            table.add([test.name, test.result.rawValue, (Double(test.milliseconds) / 1000).durationText])
        }
        return ["tests    \(counts.text)"] + (shown.isEmpty ? [] : [table.text])
    }

    private func showRun(_ id: String, in history: HistoryReader) async throws {
        guard let record = try await history.runs.run(id) else { throw KnownHistory.unknown(id) }
        let tests = try await history.tests.jobTests(in: id)
        if isJSON {
            let builds = try await history.builds.builds(of: id)
            Console.result(try RunDocument(record, builds: builds, tests: tests).json())
        } else {
            Console.result(RunReport(record, tests: tests, verbose: common.verbose).text)
        }
    }

    private func text(_ attempt: AttemptRecord) -> String {
        let outcome = attempt.outcome
        var lines = [
            "attempt \(attempt.id) (\(attempt.start.purpose.rawValue)) of \(attempt.project)@\(attempt.variant)",
            "run      \(attempt.run)", "build    \(attempt.key)",
            "started  \(attempt.start.startedAt.rfc3339)",
            "result   \(outcome?.result.rawValue ?? attempt.state.rawValue)",
        ]
        if let reason = outcome?.reason { lines.append("reason   \(reason.rawValue): \(reason.sentence)") }
        if let error = outcome?.firstError { lines.append("error    \(error.spoken)") }
        if let hint = outcome?.reason?.hint { lines.append("hint     \(hint)") }
        if let detail = attempt.detail, detail != outcome?.firstError?.text {
            lines += detail.split(separator: "\n").map { "note     \($0)" }
        }
        var table = Table(header: ["stage", "seconds", "exit"])
        for stage in attempt.stages {
            let seconds = stage.endedAt.timeIntervalSince(stage.startedAt).durationText
            table.add([stage.stage.rawValue, seconds, stage.exit.map { String($0.shellCode) } ?? "stopped by canary"])
        }
        if !attempt.stages.isEmpty { lines.append(table.text) }
        if let consumption = attempt.consumption { lines.append(Self.table(consumption).text) }
        return lines.joined(separator: "\n")
    }

    private static func table(_ consumption: Consumption) -> Table {
        var table = Table(header: ["upstream", "headers", "libraries", "programs", "from elsewhere"])
        for upstream in consumption.upstreams {
            table.add([
                upstream.project, consumption.hasHeaders ? String(upstream.headers) : "?",
                consumption.hasLibraries ? listed(upstream.libraries) : "?", upstream.hasPrograms ? "yes" : "no",
                listed(upstream.elsewhere),
            ])
        }
        return table
    }

    private static func listed(_ names: [String]) -> String { names.isEmpty ? "-" : names.joined(separator: " ") }

    private func text(_ history: BuildHistory) -> String {
        let build = history.build
        var lines = [
            "build    \(build.key)", "project  \(build.project)@\(build.variant) \(build.source.revision)",
            "where    \(build.environment)",
        ]
        lines += build.upstreams.map {
            "on       \($0.project) \($0.key.shortRevision)\($0.direct ? "" : " (indirect)")"
        }
        let prefix = history.prefix.map { "\($0.files.counting("file")), \($0.bytes) bytes, tree \($0.tree)" }
        lines.append("prefix   \(prefix ?? "none")")
        lines += history.attempts.map { attempt in
            let result = attempt.outcome?.result.rawValue ?? attempt.state.rawValue
            return "attempt  \(attempt.id) \(attempt.start.purpose.rawValue): \(result)"
        }
        lines += history.uses.map { "job      \($0.job) in \($0.run)" }
        return lines.joined(separator: "\n")
    }

    private func text(_ episode: EpisodeRecord) -> String {
        var lines = [
            "episode \(episode.id) of \(episode.job)", "opened  \(episode.openedAt.rfc3339) by \(episode.openedBy)",
        ]
        lines.append("closed  \(episode.closedAt?.rfc3339 ?? "not yet")")
        if let error = episode.firstError { lines.append("error   \(error.spoken)") }
        if let culprit = episode.culprit { lines.append("culprit \(culprit.sentence)") }
        lines += episode.transitions.map { "\($0.at.rfc3339)  \($0.from.rawValue) -> \($0.to.rawValue) (\($0.run))" }
        return lines.joined(separator: "\n")
    }
}

/// History for verbs that cannot work without one.
enum KnownHistory {
    /// Opens history for reading.
    ///
    /// - Throws: `BadInput` if there is none, `HistoryError` `otherStack` if it belongs to another stack than `stack`.
    static func open(_ common: CommonOptions, of stack: Stack? = nil) throws -> HistoryReader {
        let path = common.stateFolder.database
        if let history = try History.openForReading(path: path, stack: stack?.name) { return history }
        throw BadInput(
            text: "no history in `\(common.state)`",
            hint: "`canary run` creates one; use `--state` to choose another folder")
    }

    /// The error for an id that matches nothing.
    static func unknown(_ id: String) -> BadInput {
        BadInput(
            text: "no run, attempt, build, episode or search matches `\(id)`", hint: "`canary history` lists the runs")
    }
}
