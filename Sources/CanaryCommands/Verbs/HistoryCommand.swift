// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CanaryFiles
import CanaryHistory
import CanaryJudge
import CanaryModel
import CanaryServer
import CanaryText

/// `canary history`.
struct HistoryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history", abstract: "List past runs, the results of a job, newest first, or its tests.",
        discussion: """
            With `--tests`, lists the tests of a job, counted over its last 400 attempts that reported any: those that fail \
            by accident first. A test failed by accident where the same build was executed again and the test passed.
            """)

    @Argument(help: "A job, such as openexr@vfx2026/head, or a project, for all its jobs. (default: list the runs)")
    var job: String?

    @Option(name: .long, help: "The most lines to print.")
    var limit = 30

    @Flag(name: .long, help: "List the tests of the job and how often each fails by accident.")
    var tests = false

    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard job != nil || !tests else { throw ValidationError("`--tests` needs a job or a project") }
        guard limit > 0 else { throw ValidationError("`--limit` must be 1 or more") }
    }

    func run() async throws {
        let stack = try common.loadStack(showingWarnings: false)
        let jobs = try job.map { try JobChoice.jobs($0, in: stack) }
        let history = try History.openForReading(path: common.stateFolder.database, stack: stack.name)
        if let jobs, tests {
            try await showTests(jobs.sorted(), in: history)
        } else if let jobs {
            try await showJobs(jobs.sorted(), in: history)
        } else {
            let runs = try await history?.runs.newest(limit: limit) ?? []
            Console.result(common.json ? try RunsDocument(runs).json() : table(runs))
        }
    }

    private func showJobs(_ jobs: [JobID], in history: HistoryReader?) async throws {
        var lines: [(job: JobID, entry: JobHistoryEntry)] = []
        for job in jobs {
            lines += try await history?.jobs.history(of: job, limit: limit).map { (job, $0) } ?? []
        }
        if common.json { return Console.result(try JobHistoryDocument(lines).json()) }
        var table = Table(header: ["at", "run", "job", "result", "verdict", "revision", "why"])
        for (job, entry) in lines {
            table.add([
                entry.at.rfc3339, entry.run, job.description,
                (entry.result?.rawValue ?? "open") + (entry.flaky ? " (flaky)" : ""), entry.verdict.rawValue,
                entry.revision?.shortRevision ?? "-", "\(entry.reason.code.rawValue): \(entry.reason.detail)",
            ])
        }
        Console.result(table.text)
    }

    private func showTests(_ jobs: [JobID], in history: HistoryReader?) async throws {
        var entries: [(job: JobID, test: TestReliability)] = []
        for job in jobs {
            entries += try await history?.tests.reliability(of: job).prefix(limit).map { (job, $0) } ?? []
        }
        if common.json { return Console.result(try TestsDocument(entries).json()) }
        var table = Table(header: ["job", "test", "ran", "failed", "by accident", "last", "seconds"])
        for (job, test) in entries {
            let share = test.flakes > 0 ? " (\(test.flakeRate.percentText))" : ""
            table.add([
                job.description, test.name, String(test.ran), String(test.failed), "\(test.flakes)\(share)",
                test.lastResult.rawValue, (Double(test.lastMilliseconds) / 1000).durationText,
            ])
        }
        Console.result(table.text)
    }

    private func table(_ runs: [RunSummary]) -> String {
        var table = Table(header: ["at", "run", "trigger", "state", "results"])
        for run in runs {
            let counts = Result.allCases.compactMap { result in
                run.results[result].map { "\($0) \(result.rawValue)" }
            }
            table.add([
                run.start.startedAt.rfc3339, run.start.id,
                run.start.trigger + (run.start.judged ? "" : " (not judged)"),
                run.state.rawValue, counts.joined(separator: ", "),
            ])
        }
        return table.text
    }
}
