// SPDX-License-Identifier: Apache-2.0

import CanaryHistory
import CanaryModel
import CanaryPages
import CanaryText
import Foundation

/// Gathers what the pages are made from, and makes them.
struct PageRenderer: Sendable {
    let feed: Feed
    /// Nil where no page shows a log.
    let logs: AttemptLogs?
    let site: Site

    /// Runs on the page of a job.
    private static let depth = 100
    /// Runs in the list of the index.
    private static let runs = 10

    /// The page at `address`; nil when there is none.
    func rendition(at address: SiteAddress) async throws -> CachedResponse? {
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
        let overview = try await feed.history?.jobs.overview() ?? [:]
        let notes = try await feed.notes(on: overview)
        let entries = try await feed.history?.jobs.histories(of: feed.stack.jobs, limit: Self.depth) ?? [:]
        for job in feed.stack.jobs {
            let known = entries[job] ?? []
            let attempts = try await feed.history?.builds.attempts(on: Set(known.compactMap(\.key))) ?? []
            files[Links.file(of: job)] = Page.job(
                JobView(
                    context,
                    JobFacts(
                        job: job, overview: overview[job], entries: known, attempts: attempts,
                        notes: try await told(notes[job], of: job, overview[job]))))
        }
        return files
    }

    /// What went wrong, as a page.
    func problem(_ status: Int, _ text: String, depth: Int) async throws -> String {
        Page.problem(ProblemView(try await context(), depth: depth, status: status, text: text))
    }

    private func context() async throws -> PageContext {
        let changedAt = try await feed.history?.lastChange()
        return PageContext(
            stack: feed.stack, site: site, changedAt: changedAt, nextRunBy: feed.stack.nextRun(after: changedAt))
    }

    private func index() async throws -> String {
        var facts = IndexFacts()
        if let history = feed.history {
            facts.overview = try await history.jobs.outline()
            facts.notes = try await feed.notes(on: facts.overview)
            facts.strips = try await history.jobs.strips(of: feed.stack.jobs, limit: ResultHistory.length)
            facts.runs = try await history.runs.newest(limit: Self.runs)
            facts.goods = try await goods()
        }
        return Page.index(IndexView(try await context(), facts))
    }

    private func goods() async throws -> [VariantGood] {
        var goods: [VariantGood] = []
        for variant in feed.stack.variants {
            guard let lock = try await feed.lastKnownGood(of: variant.name) else { continue }
            goods.append(
                VariantGood(
                    variant: variant.name, at: lock.at, run: lock.run, revisions: lock.revisions,
                    except: lock.except.map { JobID(project: $0, variant: variant.name, lane: .head) }))
        }
        return goods
    }

    private func page(of job: JobID) async throws -> String? {
        guard feed.stack.jobs.contains(job) else { return nil }
        let history = feed.history
        let entries = try await history?.jobs.history(of: job, limit: Self.depth) ?? []
        let overview = try await history?.jobs.overview()[job]
        let facts = JobFacts(
            job: job, overview: overview, entries: entries,
            attempts: try await history?.builds.attempts(on: Set(entries.compactMap(\.key))) ?? [],
            notes: try await told(feed.notes(on: [job: overview].compactMapValues(\.self))[job], of: job, overview))
        return Page.job(JobView(try await context(), facts))
    }

    /// `known`, with who was told of `job` while its episode is open.
    private func told(_ known: JobNotes?, of job: JobID, _ overview: JobOverview?) async throws -> JobNotes {
        var notes = known ?? JobNotes()
        if overview?.episode != nil { notes.told = try await feed.told(of: job, overview) }
        return notes
    }

    private func search(_ id: String) async throws -> String? {
        guard let record = try await feed.history?.searches.search(id) else { return nil }
        return Page.search(SearchView(try await context(), SearchFacts(record)))
    }

    private func run(_ id: String) async throws -> String? {
        guard let record = try await feed.history?.runs.run(id) else { return nil }
        return Page.run(RunView(try await context(), record))
    }

    private func attempt(_ id: String) async throws -> String? {
        guard let history = feed.history, let logs, let record = try await history.builds.attempt(id) else {
            return nil
        }
        let uses = try await history.builds.build(record.key)?.uses ?? []
        let path = logs.path(id)
        // Mapped: the page shows no more of it than fits.
        let log = try? Data(contentsOf: URL(fileURLWithPath: path), options: .alwaysMapped)
        var absence: String?
        if log == nil {
            let removedAt = try await history.builds.logRemoval(of: id)
            absence = removedAt.map { "It was removed at \($0.rfc3339)." } ?? "Nothing was printed."
        }
        let marks = logs.marks(record).map { LogFacts.Mark(offset: $0.offset, stage: $0.stage) }
        let facts = LogFacts(attempt: record, jobs: uses.map(\.job), log: log, marks: marks, absence: absence)
        return Page.log(LogView(try await context(), facts))
    }
}
