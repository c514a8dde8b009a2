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
        commandName: "history", abstract: "List past runs, or the results of a job, newest first.")

    @Argument(help: "A job, such as openexr@vfx2026/head, or a project, for all its jobs. (default: list the runs)")
    var job: String?

    @Option(name: .long, help: "The most lines to print.")
    var limit = 30

    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard limit > 0 else { throw ValidationError("`--limit` must be 1 or more") }
    }

    func run() async throws {
        let stack = try common.loadStack(showingWarnings: false)
        let jobs = try job.map { try JobChoice.jobs($0, in: stack) }
        let history = try History.openForReading(path: common.stateFolder.database, stack: stack.name)
        if let jobs {
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
