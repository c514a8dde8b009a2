// SPDX-License-Identifier: Apache-2.0

import CanaryBisection
import CanaryJudge
import CanaryModel
import CanaryPages
import Foundation

@testable import CanaryHistory

/// The samples as facts of the other pages.
extension Samples {
    func job(_ job: JobID) -> JobFacts {
        let entries = entries[job] ?? []
        let attempts = entries.enumerated().filter { $0.offset % 3 == 0 }.flatMap { n, entry in
            [attempt("a\(1000 - n)", entry, job, seconds: 410 + Double((n * 37) % 140), result: entry.result)]
                + (entry.result == .failed
                    ? [attempt("a\(1000 - n)r", entry, job, seconds: 404, result: .failed, purpose: .rerun)] : [])
        }
        return JobFacts(
            job: job, overview: facts.overview[job], entries: entries, attempts: attempts,
            notes: facts.notes[job] ?? JobNotes())
    }

    private func attempt(
        _ id: String, _ entry: JobHistoryEntry, _ job: JobID, seconds: Double, result: Result?,
        purpose: AttemptPurpose = .first
    ) -> AttemptRecord {
        AttemptRecord(
            start: AttemptStart(
                id: id, purpose: purpose, startedAt: entry.at, driver: StateHolder(pid: 1, startedAt: "1")),
            run: entry.run, key: entry.key ?? "", project: job.project, variant: job.variant, state: .finished,
            finishedAt: entry.at + seconds, outcome: Outcome(result: result ?? .passed), detail: nil, consumption: nil,
            stages: [],
            logBytes: 2000, unreproducible: false)
    }

    var run: RunRecord {
        let jobs = stack.jobs.map { job -> RunJob in
            let result = entries[job]?.first?.result
            let error = result == .failed ? facts.overview[job]?.episode?.firstError : nil
            let outcome = result.map {
                Outcome(result: $0, stage: $0 == .failed ? .build : nil, firstError: error)
            }
            let plan = PlannedJob(
                job: job, source: Source(revision: sha(2), tree: sha(2), committedAt: now), upstreams: [:],
                key: sha(job.description.count) + sha(4).prefix(24), conditional: false, action: .build,
                reason: DecisionReason(.upstreamChanged, outside("openimageio moved")), redUpstreams: [],
                fallback: result == .failed ? ["imath": sha(3)] : [:],
                finished: outcome.map { FinishedBuild(outcome: $0) }, recipe: sha(5), environment: "sha256:" + sha(6))
            return RunJob(planned: plan, verdict: .passing)
        }
        let first = stack.jobs[0]
        return RunRecord(
            start: RunStart(
                id: "r0112", trigger: outside("schedule"), judged: true, startedAt: now - 7200,
                driver: StateHolder(pid: 1, startedAt: "1")),
            state: .finished, finishedAt: now - 1200,
            snapshot: Snapshot(
                revisions: Dictionary(
                    uniqueKeysWithValues: stack.graph.projects.enumerated().map {
                        ($1.name, .source(Source(revision: sha($0), tree: sha($0), committedAt: now)))
                    }), releases: ["imath": .failed(.fetchNoRelease, detail: outside("no tag matches"))],
                environments: ["vfx2026": "sha256:" + sha(6)]),
            jobs: jobs, attempts: [],
            transitions: [
                Transition(run: "r0112", job: first, from: .passing, to: .suspected, at: now - 7200, episode: "e1")
            ], wouldTell: [])
    }

    var search: SearchFacts {
        let projects = ["openimageio", "openexr", "imath"]
        let commits = (1...48).map { (n: Int) -> Commit in
            Commit(
                project: projects[n % 3], revision: sha(n), subject: outside("commit number \(n): tidy the headers"),
                author: outside("Somebody \(n % 5)"), committedAt: now - Double(60 - n) * 7200)
        }
        var weights = [Double](repeating: 0, count: 50)
        for n in 28...38 { weights[n] = 0.005 }
        weights[33] = 0.9
        weights[49] = 0.03
        weights[0] = 0.01
        let probes: [(Int, ProbeAnswer)] = [
            (24, .pass), (36, .fail), (30, .pass), (33, .fail), (31, .untestable), (32, .pass),
        ]
        return SearchFacts(
            id: "s0042", job: stack.jobs[0],
            question: outside("which commit broke openusd@vfx2026/head between r0108 and r0109?"),
            startedAt: now - 9000, finishedAt: now - 3000, result: .culprit, confirmation: .open, commits: commits,
            probabilities: weights,
            probes: probes.enumerated().map { n, probe in
                SearchFacts.AnsweredProbe(
                    n: n + 1, phase: .search, position: probe.0, answer: probe.1, isReused: n == 1, seconds: 415,
                    attempt: n == 1 ? nil : "a20\(n)")
            }, budget: 36)
    }

    func log(_ text: String, stageStarts: [LogFacts.StageStart] = [], running: Bool = false, error: String? = nil)
        async -> LogFacts
    {
        let stages = stageStarts.enumerated().map { n, mark in
            StageRun(
                stage: mark.stage, startedAt: now - 400 + Double(n * 100), endedAt: now - 300 + Double(n * 100),
                exit: .code(n == stageStarts.count - 1 && error != nil ? 1 : 0), logOffset: mark.offset)
        }
        let outcome = Outcome.ended(
            in: .build, reason: .buildCompiler,
            firstError: error.map { FirstError(text: $0, file: outside("src/image.cpp"), line: 44) })
        return LogFacts(
            attempt: AttemptRecord(
                start: AttemptStart(
                    id: running ? "a0992" : "a0991", purpose: .first, startedAt: now - 400,
                    driver: StateHolder(pid: 1, startedAt: "1")),
                run: "r0112", key: sha(1) + sha(2).prefix(24), project: stack.jobs[0].project,
                variant: stack.jobs[0].variant, state: running ? .running : .finished,
                finishedAt: running ? nil : now, outcome: running ? nil : outcome, detail: nil, consumption: nil,
                stages: stages,
                logBytes: text.utf8.count, unreproducible: false),
            jobs: [stack.jobs[0]],
            log: await LogText.of(
                LogBytes(text.utf8), stageStarts: stageStarts, firstError: running ? nil : error))
    }
}

extension LogBytes {
    /// A log that is held in memory.
    init(_ bytes: some Sequence<UInt8>) {
        let bytes = Array(bytes)
        self.init(count: bytes.count) { Array(bytes[$0.clamped(to: bytes.indices)]) }
    }
}
