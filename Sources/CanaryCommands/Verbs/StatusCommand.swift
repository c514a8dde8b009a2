// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CanaryFiles
import CanaryHistory
import CanaryJudge
import CanaryModel
import CanaryServer
import CanaryText
import Foundation

/// `canary status`.
struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Show the verdict of every job, or everything about one job.",
        discussion: """
            The verdict of a job is `unknown` without evidence, `passing`, `suspected` when it failed but not long enough \
            to be reported, or `broken`. For one job, written PROJECT@VARIANT/LANE, prints what it last passed on, what it \
            first failed on, and why it was or was not built last.
            """)

    @Argument(help: "A job, such as openexr@vfx2026/head; or a project, for all its jobs.")
    var job: String?

    @OptionGroup var common: CommonOptions

    @Option(
        name: .long, help: "When to exit with 1: on any `failure`, or only if a job is `broken`; never unless given.")
    var failOn: FailOn?

    func run() async throws {
        let stack = try common.loadStack(showingWarnings: false)
        let jobs = try job.map { try JobChoice.jobs($0, in: stack) }
        let history = try History.openForReading(path: common.stateFolder.database, stack: stack.name)
        let overview = try await history?.jobs.overview() ?? [:]
        if common.json {
            Console.result(try await Publication(stack: stack, history: history).status(only: jobs).json())
        } else if let jobs, jobs.count == 1, let only = jobs.first {
            Console.result(try await report(only, stack: stack, overview: overview, history: history))
        } else {
            Console.result(table(stack.jobs.filter { jobs?.contains($0) ?? true }, overview: overview))
        }
        let shown = stack.jobs.filter { jobs?.contains($0) ?? true }.compactMap { overview[$0] }
        if failOn?.isMet(by: shown) ?? false { throw ExitCode.breakage }
    }

    private func report(
        _ job: JobID, stack: Stack, overview: [JobID: JobOverview], history: HistoryReader?
    ) async throws -> String {
        let now = Date()
        var report = JobReport(job: job, overview: overview[job])
        report.last = try await history?.jobs.history(of: job, limit: 1, judged: true).first
        report.tests = try await history?.tests.newest(of: [job])[job]
        report.links = stack
        if let history {
            let stored = try await history.decisions.judgeState()
            let since = overview[job]?.episode?.openedAt ?? now.addingTimeInterval(-7 * 86_400)
            report.policy = PolicyReport(
                job: job, judge: stored.judge(of: stack, at: now), silentSince: stored.silent[job],
                mutedUntil: try await history.decisions.mutes(at: now)[job], now: now)
            let clusters = try await Publication(stack: stack, history: history).clusters()
            report.sameError = clusters.first { $0.holds(job) }?.others(than: job) ?? []
            report.deliveries = try await history.notices.deliveries(about: job, since: since)
            if let episode = overview[job]?.episode {
                report.decisions = try await history.decisions.humanDecisions(about: episode.id)
            }
        }
        return report.text
    }

    private func table(_ jobs: [JobID], overview: [JobID: JobOverview]) -> String {
        let names = jobs.contains { overview[$0]?.episode?.culprit != nil }
        var table = Table(
            header: ["job", "verdict", "last", "since"] + (names ? ["culprit"] : []) + ["first error"])
        for job in jobs {
            let entry = overview[job]
            let culprit = entry?.episode?.culprit?.commit
            let name = culprit.map { "\($0.project) \($0.revision.shortRevision)" } ?? ""
            table.add(
                [
                    job.description, (entry?.verdict ?? .unknown).rawValue, entry?.lastResult?.rawValue ?? "-",
                    entry?.since?.rfc3339 ?? "-",
                ] + (names ? [name] : []) + [entry?.episode?.firstError?.spoken ?? ""])
        }
        return table.text
    }
}

/// The jobs that an argument of a verb names.
enum JobChoice {
    /// The job or all jobs of the project called `text`.
    ///
    /// - Throws: `BadInput` with the nearest name if there is none.
    static func jobs(_ text: String, in stack: Stack) throws -> Set<JobID> {
        let known = stack.jobs
        let named = known.filter { $0.description == text || $0.project == text }
        guard named.isEmpty else { return Set(named) }
        let names = known.map(\.description) + stack.graph.projects.map(\.name)
        throw BadInput(
            text: "the stack has no job `\(text)`",
            hint: NearestName.question(text, among: names) ?? "a job is written PROJECT@VARIANT/LANE")
    }
}

extension FailOn {
    /// Whether one of `jobs` meets the condition.
    fileprivate func isMet(by jobs: [JobOverview]) -> Bool {
        jobs.contains { job in
            switch self {
            case .broken: job.verdict == .broken
            case .failure: job.lastResult?.isFailure ?? false && job.expectedIssue == nil
            }
        }
    }
}
