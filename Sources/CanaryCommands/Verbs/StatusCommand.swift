// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CanaryHistory
import CanaryModel
import CanaryPublishing
import CanaryRunner

/// `canary status`.
struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Show where every job stands, or all about one.",
        discussion: """
            A job is `unknown` without evidence, `passing`, `suspected` when it failed and that is not yet news, or \
            `broken`. With a job, written PROJECT@VARIANT/LANE, prints what it last passed on, what it first failed \
            on, and why it was last built or not.
            """)

    @Argument(help: "A job, such as openexr@vfx2026/head; or a project, for all its jobs.")
    var job: String?

    @OptionGroup var common: CommonOptions

    func run() async throws {
        let stack = try common.loadStack(showingWarnings: false)
        let jobs = try job.map { try JobChoice.jobs($0, in: stack) }
        let history = try History.openForReading(path: common.stateFolder.database, stack: stack.name)
        let overview = try await history?.overview() ?? [:]
        if common.json {
            let document = StatusDocument(
                stack: stack, overview: overview, lastChange: try await history?.lastChange(), only: jobs)
            return Console.result(try document.json())
        }
        if let jobs, jobs.count == 1, let only = jobs.first {
            let last = try await history?.history(of: only, limit: 1).first
            return Console.result(JobReport(job: only, overview: overview[only], last: last).text)
        }
        Console.result(table(stack.jobs.filter { jobs?.contains($0) ?? true }, overview: overview))
    }

    private func table(_ jobs: [JobID], overview: [JobID: JobOverview]) -> String {
        var table = Table(header: ["job", "verdict", "last", "since", "first error"])
        for job in jobs {
            let entry = overview[job]
            table.add([
                job.description, (entry?.standing.verdict ?? .unknown).rawValue, entry?.lastResult?.rawValue ?? "-",
                entry?.standing.since?.rfc3339 ?? "-", entry?.episode?.firstError?.spoken ?? "",
            ])
        }
        return table.text
    }
}

/// What a person means by a job's or a project's name.
enum JobChoice {
    /// The jobs `text` names.
    static func jobs(_ text: String, in stack: Stack) throws -> Set<JobID> {
        let known = stack.jobs
        let named = known.filter { $0.description == text || $0.project == text }
        guard named.isEmpty else { return Set(named) }
        let names = known.map(\.description) + stack.graph.projects.map(\.name)
        let nearest = NearestName.of(text, among: names)
        throw BadInput(
            text: "the stack has no job `\(text)`",
            hint: nearest.map { "did you mean `\($0)`?" } ?? "a job is written PROJECT@VARIANT/LANE")
    }
}

/// All about one job, for people.
private struct JobReport {
    let job: JobID
    let overview: JobOverview?
    let last: JobHistoryEntry?

    var text: String {
        let standing = overview?.standing ?? .unknown
        let since = standing.since.map { " since \($0.rfc3339)" } ?? ""
        var lines = ["\(job): \(standing.verdict.rawValue)\(since)"]
        if let last {
            let result = last.result?.rawValue ?? "open"
            lines.append("last run        \(last.run) at \(last.at.rfc3339): \(result)")
            lines.append("                \(last.action.rawValue), \(last.reason.code.rawValue): \(last.reason.detail)")
        } else {
            lines.append("last run        none yet")
        }
        lines += known("last known good", overview?.lastKnownGood)
        lines += known("first known bad", overview?.firstKnownBad)
        lines += changes
        if let episode = overview?.episode {
            lines.append("episode         \(episode.id), opened \(episode.openedAt.rfc3339)")
            if let error = episode.firstError { lines.append("first error     \(error.spoken)") }
        }
        return lines.joined(separator: "\n")
    }

    private func known(_ title: String, _ build: JobBuild?) -> [String] {
        guard let build else { return ["\(title) none"] }
        let upstreams = build.upstreams.sorted { $0.key < $1.key }
            .map { "\($0.key) \($0.value.revision.shortRevision)" }
        let vector = (["\(job.project) \(build.source.revision.shortRevision)"] + upstreams).joined(separator: ", ")
        return ["\(title) \(build.run) at \(build.at.rfc3339): \(vector)"]
    }

    /// What moved between the last known good and the first known bad.
    private var changes: [String] {
        guard let good = overview?.lastKnownGood, let bad = overview?.firstKnownBad else { return [] }
        let before = good.upstreams.merging([job.project: good.source]) { $1 }
        let after = bad.upstreams.merging([job.project: bad.source]) { $1 }
        return after.sorted { $0.key < $1.key }.compactMap { name, source in
            guard let old = before[name], old.revision != source.revision else { return nil }
            return "moved           \(name) \(old.revision.shortRevision)..\(source.revision.shortRevision)"
        }
    }
}
