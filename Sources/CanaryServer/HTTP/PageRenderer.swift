// SPDX-License-Identifier: Apache-2.0

import CanaryHistory
import CanaryModel
import CanaryPages
import CanaryText
import Foundation

/// Reads the facts that pages show, and renders the pages.
struct PageRenderer: Sendable {
    let publication: Publication
    /// Nil if no page shows a log.
    let logs: AttemptLogs?
    let site: Site

    /// The most runs on the page of a job.
    private static let runsOfJob = 100
    /// The most runs on the index.
    private static let runsOfIndex = 10

    /// The page at `address`; nil if there is none.
    func response(at address: SiteAddress) async throws -> CachedResponse? {
        switch address {
        case .index: CachedResponse(.html, try await index())
        case .style: CachedResponse(.css, Page.style)
        case .script: CachedResponse(.script, Page.script)
        case .job(let job): try await page(of: job).map { CachedResponse(.html, $0) }
        case .runPage(let id): try await run(id).map { CachedResponse(.html, $0) }
        case .attempt(let id): try await attempt(id).map { CachedResponse(.html, $0) }
        case .search(let id): try await search(id).map { CachedResponse(.html, $0) }
        default: nil
        }
    }

    /// The pages of a site without a server, by path.
    func files() async throws -> [String: String] {
        var files = ["index.html": try await index(), "style.css": Page.style, "script.js": Page.script]
        let context = try await context()
        let overview = try await publication.history?.jobs.overview() ?? [:]
        let notes = try await publication.notes(on: overview)
        let entries =
            try await publication.history?.jobs.histories(of: publication.stack.jobs, limit: Self.runsOfJob) ?? [:]
        for job in publication.stack.jobs {
            let known = entries[job] ?? []
            let attempts = try await publication.history?.builds.attempts(on: Set(known.compactMap(\.key))) ?? []
            files[Links.file(of: job)] = Page.job(
                JobView(
                    context,
                    JobFacts(
                        job: job, overview: overview[job], entries: known, attempts: attempts,
                        notes: try await withNotices(notes[job], of: job, overview[job]))))
        }
        return files
    }

    /// An error page.
    func problem(_ status: Int, _ text: String, depth: Int) async throws -> String {
        Page.problem(ProblemView(try await context(), depth: depth, status: status, text: text))
    }

    private func context() async throws -> PageContext {
        let changedAt = try await publication.history?.lastChange()
        return PageContext(
            stack: publication.stack, site: site, changedAt: changedAt,
            nextRunBy: publication.stack.nextRun(after: changedAt))
    }

    private func index() async throws -> String {
        var facts = IndexFacts()
        if let history = publication.history {
            facts.overview = try await history.jobs.outline()
            facts.notes = try await publication.notes(on: facts.overview)
            facts.recentResults = try await history.jobs.strips(of: publication.stack.jobs, limit: ResultHistory.length)
            facts.runs = try await history.runs.newest(limit: Self.runsOfIndex)
            facts.lastKnownGoods = try await lastKnownGoods()
        }
        return Page.index(IndexView(try await context(), facts))
    }

    private func lastKnownGoods() async throws -> [LastKnownGood] {
        var vectors: [LastKnownGood] = []
        for variant in publication.stack.variants {
            guard let lock = try await publication.lastKnownGood(of: variant.name) else { continue }
            vectors.append(
                LastKnownGood(
                    variant: variant.name, at: lock.at, run: lock.run, revisions: lock.revisions,
                    except: lock.except.map { JobID(project: $0, variant: variant.name, lane: .head) }))
        }
        return vectors
    }

    private func page(of job: JobID) async throws -> String? {
        guard publication.stack.jobs.contains(job) else { return nil }
        let history = publication.history
        let entries = try await history?.jobs.history(of: job, limit: Self.runsOfJob) ?? []
        let overview = try await history?.jobs.overview()[job]
        let facts = JobFacts(
            job: job, overview: overview, entries: entries,
            attempts: try await history?.builds.attempts(on: Set(entries.compactMap(\.key))) ?? [],
            notes: try await withNotices(
                publication.notes(on: [job: overview].compactMapValues(\.self))[job], of: job, overview))
        return Page.job(JobView(try await context(), facts))
    }

    /// `known` together with the notices about `job` while its episode is open.
    private func withNotices(_ known: JobNotes?, of job: JobID, _ overview: JobOverview?) async throws -> JobNotes {
        var notes = known ?? JobNotes()
        if overview?.episode != nil { notes.notices = try await publication.notices(about: job, overview) }
        return notes
    }

    private func search(_ id: String) async throws -> String? {
        guard let record = try await publication.history?.searches.search(id) else { return nil }
        return Page.search(SearchView(try await context(), SearchFacts(record)))
    }

    private func run(_ id: String) async throws -> String? {
        guard let record = try await publication.history?.runs.run(id) else { return nil }
        let tests = try await publication.history?.tests.jobTests(in: id) ?? [:]
        return Page.run(RunView(try await context(), record, tests: tests))
    }

    private func attempt(_ id: String) async throws -> String? {
        guard let history = publication.history, let logs, let record = try await history.builds.attempt(id) else {
            return nil
        }
        let uses = try await history.builds.build(record.key)?.uses ?? []
        let isFinished = record.state != .running && record.state != .queued
        var log: LogText?
        var absence: String?
        if let file = LogFile(path: logs.path(id)) {
            log = await LogText.of(
                LogBytes(count: file.size) { file.bytes($0) }, stageStarts: logs.stageStarts(record),
                firstError: isFinished ? record.outcome?.firstError?.text : nil)
        } else {
            let removedAt = try await history.builds.logRemoval(of: id)
            absence = removedAt.map { "It was removed at \($0.rfc3339)." } ?? "Nothing was printed."
        }
        let facts = LogFacts(
            attempt: record, jobs: uses.map(\.job), log: log, absence: absence,
            tests: try await history.tests.counts(of: [id])[id])
        return Page.log(LogView(try await context(), facts))
    }
}
