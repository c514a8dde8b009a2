// SPDX-License-Identifier: Apache-2.0

import CanaryJudge
import CanaryModel
import CanaryPages
import Foundation

@testable import CanaryHistory

/// The facts of a stack with one of everything that can go wrong.
struct Samples {
    let stack: Stack
    var facts = IndexFacts()
    /// The runs of each job, newest first.
    var entries: [JobID: [JobHistoryEntry]] = [:]
    /// Replaces every outside text.
    var outside: (String) -> String = { $0 }

    init(_ stack: Stack, outside: @escaping (String) -> String = { $0 }) {
        self.stack = stack
        self.outside = outside
        for (index, job) in stack.jobs.enumerated() { add(job, index) }
        facts.lastKnownGoods = stack.variants.dropLast().map { variant in
            LastKnownGood(
                variant: variant.name, at: now - 40 * 3600, run: "r0108",
                revisions: Dictionary(
                    uniqueKeysWithValues: stack.graph.projects.enumerated().map { ($1.name, sha($0)) }),
                except: [])
        }
        facts.runs = (0..<6).map(summary)
    }

    private func summary(_ index: Int) -> RunSummary {
        let began = now - Double(index * 24 + 2) * 3600
        let start = RunStart(
            id: "r0\(112 - index)", trigger: outside(index == 2 ? "by hand" : "schedule"), judged: index != 2,
            startedAt: began, driver: StateHolder(pid: 1, startedAt: "1"))
        guard index > 0 else {
            return RunSummary(
                start: start, state: .running, finishedAt: nil, results: [.passed: 12, .failed: 2], open: 28)
        }
        return RunSummary(
            start: start, state: .finished, finishedAt: began + 5300,
            results: [.passed: 38, .failed: 3, .blocked: 1], open: 0)
    }

    func context(_ site: Site = .server) -> PageContext {
        PageContext(stack: stack, site: site, changedAt: now - 420, nextRunBy: now + 5 * 3600)
    }

    /// What is wrong with a job.
    enum Trouble { case broken, suspected, blocked, error, stale, flaky, unknown, expected, none }

    func trouble(_ job: JobID) -> Trouble {
        switch (job.project, job.variant, job.lane) {
        case ("openusd", "vfx2026", .head), ("project-9", _, .head): .broken
        case ("openusd", "vfx2025", .head), ("osl", "vfx2026", .head), ("project-23", _, .head): .suspected
        case ("openvdb", "vfx2027-draft", _), ("project-31", _, .release): .error
        case ("openusd", "vfx2027-draft", _), ("project-40", _, .release): .blocked
        case ("materialx", "vfx2025", .platform): .stale
        case ("openexr", "vfx2025", .head), ("project-12", _, _): .flaky
        case ("osl", "vfx2027-draft", _): .unknown
        case ("opencolorio", "vfx2025", .release): .expected
        default: .none
        }
    }

    private mutating func add(_ job: JobID, _ index: Int) {
        let trouble = trouble(job)
        if job.project == "alembic" || trouble == .unknown { return }
        let marks = Self.results(trouble, seed: index)
        let known = marks.enumerated().map { n, mark in entry(mark, n, seed: index) }
        entries[job] = known
        facts.recentResults[job] = JobStrip(
            ends: known.map { JobStrip.End(result: $0.result, flaky: $0.flaky) },
            detail: known.first?.reason.detail ?? "")
        facts.overview[job] = overview(job, trouble, last: marks.first?.result, seed: index)
        facts.notes[job] = notes(trouble)
    }

    private static func results(_ trouble: Trouble, seed: Int) -> [(result: Result?, flaky: Bool)] {
        (0..<(seed % 11 == 3 ? 17 : 30)).map { n in
            let noise = (seed * 31 + n * 17) % 97
            switch trouble {
            case .broken where n < 4, .suspected where n < 2, .expected: return (.failed, false)
            case .blocked where n < 3: return (.blocked, false)
            case .error where n < 2: return (.error, false)
            case .flaky where n % 6 == 1: return (.passed, true)
            default: return noise == 5 ? (.skipped, false) : noise == 9 ? (.error, false) : (.passed, noise == 13)
            }
        }
    }

    private func entry(_ mark: (result: Result?, flaky: Bool), _ n: Int, seed: Int) -> JobHistoryEntry {
        let moved = n % 3 == 0
        return JobHistoryEntry(
            run: "r0\(String(format: "%03d", 112 - n))", at: now - Double(n * 24 + 2) * 3600, judged: n != 2,
            action: moved ? .build : .reuse,
            reason: moved
                ? DecisionReason(.upstreamChanged, outside("openimageio moved to \(sha(seed).prefix(10))"))
                : DecisionReason(.unchanged, outside("the same inputs passed in r0101")),
            result: mark.result, flaky: mark.flaky, revision: sha(seed + n / 3),
            key: sha(seed * 100 + n) + sha(n).prefix(24), verdict: mark.result == .failed ? .suspected : .passing)
    }

    private func overview(_ job: JobID, _ trouble: Trouble, last: Result?, seed: Int) -> JobOverview {
        let isRed = trouble == .broken || trouble == .suspected
        let verdict: Verdict = trouble == .broken ? .broken : trouble == .suspected ? .suspected : .passing
        let opened = now - (trouble == .broken ? 74.0 : 26.0) * 3600
        let episode = EpisodeRecord(
            id: "e\(seed)", job: job, openedAt: opened, openedBy: "r0109", closedAt: nil, firstError: firstError,
            transitions: [])
        return JobOverview(
            verdict: verdict, since: isRed ? opened : now - 40 * 86400,
            lastResult: last, lastRunAt: now - 7200, expectedIssue: trouble == .expected ? outside(issue) : nil,
            lastKnownGood: build(job, "r0108", at: now - 98 * 3600, seed: 0, result: .passed),
            firstKnownBad: isRed ? build(job, "r0109", at: opened, seed: 1, result: .failed) : nil,
            episode: isRed ? episode : nil)
    }

    private let issue = "https://github.com/AcademySoftwareFoundation/OpenColorIO/issues/1987"

    private var firstError: FirstError {
        FirstError(
            text: outside("error: 'OIIO_NAMESPACE_USING' does not name a type; did you mean 'OIIO_NAMESPACE_END'?"),
            file: outside("pxr/imaging/plugin/hioOiio/oiioImage.cpp"), line: 44)
    }

    private func build(_ job: JobID, _ run: String, at: Date, seed: Int, result: Result) -> JobBuild {
        let upstreams = stack.graph.upstream(of: job.project).enumerated().map { index, project in
            let moved = seed == 1 && index % 2 == 1
            return (project.name, Source(revision: sha(index + (moved ? 100 : 0)), tree: sha(index), committedAt: at))
        }
        return JobBuild(
            run: run, at: at, key: sha(seed + 7) + sha(8).prefix(24),
            source: Source(revision: sha(50), tree: sha(51), committedAt: at),
            upstreams: Dictionary(uniqueKeysWithValues: upstreams), recipe: sha(3),
            environment: "sha256:" + sha(seed == 1 ? 900 : 901), result: result)
    }

    private func notes(_ trouble: Trouble) -> JobNotes {
        switch trouble {
        case .broken:
            JobNotes(
                flakeRate: 0.021,
                culprit: Commit(
                    project: stack.graph["openimageio"] == nil ? "project-3" : "openimageio", revision: sha(889),
                    subject: outside("api: clean up the namespace macros of public headers (#4567)"),
                    author: outside("A. Maintainer")), confidence: 0.994, search: "s0042",
                notices: [outside("page: the owners of openimageio and openusd notified at 2026-11-28T03:00:00Z")])
        case .suspected:
            JobNotes(
                flakeRate: 0.034, pagesAt: now + 3600,
                waitsFor: "1 of 2 failing heads at an age of 12 h, or 2 of 3 failing runs at 36 h")
        case .stale: JobNotes(isStale: true)
        case .flaky: JobNotes(isFlaky: true, flakeRate: 0.21)
        default: JobNotes(flakeRate: 0.031)
        }
    }
}
