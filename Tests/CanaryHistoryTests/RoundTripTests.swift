// SPDX-License-Identifier: Apache-2.0

import CanaryJudge
import Foundation
import Testing

@testable import CanaryHistory
@testable import CanaryModel

@Suite("History keeps")
struct RoundTripTests {
    let history: History

    init() throws { history = try History.inMemory(stack: "aswf") }

    @Test func `a run, its snapshot and its messages`() async throws {
        let snapshot = Snapshot(
            revisions: [
                "imath": .source(source("r1")), "openexr": .failed(.fetchUnreachable, detail: "no route to host"),
            ],
            releases: ["imath": .source(source("v3"))],
            pins: [
                PinnedRevision(project: "fmt", revision: "11.2.0"): .source(source("p1")),
                PinnedRevision(project: "fmt", revision: "lost"): .failed(.fetchRevisionMissing, detail: ""),
            ],
            environments: ["vfx2026": "sha256:image"])
        try await history.recorder.begin(start("r1"))
        try await history.recorder.record(snapshot, of: "r1")
        let events = [NoticeEvent(kind: .suspected, job: job("imath")), NoticeEvent(kind: .flaky, job: job("openexr"))]
        try await history.recorder.finishRun("r1", at: minute(5), with: .reporting(events))

        let run = try #require(try await history.reader.runs.run("r1"))
        #expect(run.start == start("r1"))
        #expect(run.state == .finished)
        #expect(run.finishedAt == minute(5))
        #expect(run.wouldTell == events)
        #expect(run.snapshot.revisions == snapshot.revisions)
        #expect(run.snapshot.releases == snapshot.releases)
        #expect(run.snapshot.pins == snapshot.pins)
        #expect(run.snapshot.environments == snapshot.environments)
        #expect(try await history.reader.runs.run("r2") == nil)
    }

    @Test func `what a retried resolution found in place of what failed`() async throws {
        try await history.recorder.begin(start("r1"))
        let failed = Snapshot(revisions: ["imath": .failed(.fetchTimeout, detail: "late"), "fmt": .source(source("f"))])
        try await history.recorder.record(failed, of: "r1")
        try await history.recorder.record(Snapshot(revisions: ["imath": .source(source("r9"))]), of: "r1")
        let snapshot = try #require(try await history.reader.runs.run("r1")).snapshot
        #expect(snapshot.revisions == ["imath": .source(source("r9")), "fmt": .source(source("f"))])
    }

    @Test func `an attempt, its stages and its prefix`() async throws {
        try await history.recorder.begin(start("r1"))
        try await history.execute("a0", build("k-imath"), in: "r1", tree: "t0")
        let upstream = UpstreamBuild(project: "imath", key: "k-imath", direct: true)
        let openexr = build("k-openexr", "openexr", upstreams: [upstream])
        try await history.recorder.begin(opened("a1"), of: openexr, in: "r1")
        #expect(try await history.reader.builds.runningAttempts().map(\.id) == ["a1"])
        let stages = [
            StageRun(stage: .fetch, startedAt: minute(1), endedAt: minute(2), exit: nil, logOffset: 0),
            StageRun(stage: .configure, startedAt: minute(2), endedAt: minute(3), exit: .code(0), logOffset: 10),
            StageRun(stage: .build, startedAt: minute(3), endedAt: minute(4), exit: .signal(11), logOffset: 99),
        ]
        let end = AttemptFinish(
            finishedAt: minute(4), outcome: compilerError, detail: "the compiler said so", stages: stages,
            logBytes: 123, prefix: StoredPrefix(tree: "t", files: 1, bytes: 1), unreproducible: true)
        #expect(try await history.recorder.finish("a1", with: end))

        let record = try #require(try await history.reader.builds.attempt("a1"))
        #expect(record.start == opened("a1"))
        #expect(record.run == "r1" && record.key == "k-openexr" && record.project == "openexr")
        #expect(record.variant == "vfx2026" && record.state == .finished && record.finishedAt == minute(4))
        #expect(record.outcome == compilerError && record.detail == "the compiler said so")
        #expect(record.stages == stages && record.logBytes == 123 && record.unreproducible)
        #expect(record.seconds == 180)

        let built = try #require(try await history.reader.builds.build("k-openexr"))
        #expect(built.build == openexr)
        #expect(built.attempts == [record])
        #expect(built.prefix == nil, "a failed attempt stores no prefix")
        #expect(
            try await history.reader.builds.build("k-imat")?.prefix == StoredPrefix(tree: "t0", files: 3, bytes: 4096))
        #expect(try await history.reader.runs.run("r1")?.attempts.map(\.id) == ["a0", "a1"])
    }

    @Test func `run jobs in the order they came, with all that was decided`() async throws {
        let vector = ["imath": source("r1"), "fmt": source("f1")]
        let decided = Decided(
            upstreams: vector, reason: DecisionReason(.upstreamChanged, "imath r0 -> r1"),
            redUpstreams: ["imath", "fmt"], fallback: ["imath": "r0"])
        let openexr = RunJob(planned: plan(job("openexr"), decided, compilerError), verdict: .suspected)
        let alembic = job("alembic", lane: .release)
        let open = RunJob(planned: plan(alembic, key: nil, Decided(revision: nil)), verdict: .unknown)
        try await history.recorder.begin(start("r1"))
        try await history.recorder.record([openexr, open], of: "r1")
        #expect(try await history.reader.runs.run("r1")?.jobs == [openexr, open])

        let closed = RunJob(
            planned: plan(alembic, Decided(upstreams: ["fmt": source("f2")]), .passed, flaky: true), verdict: .unknown)
        try await history.recorder.record([closed], of: "r1")
        #expect(try await history.reader.runs.run("r1")?.jobs == [openexr, closed])
        #expect(try await history.reader.runs.newest(limit: 5).first?.results == [.failed: 1, .passed: 1])
    }

    @Test func `what the planner decided, with its end`() async throws {
        let planned = PlannedJob(
            job: job("imath"), source: source("r1"), upstreams: ["fmt": source("f")], key: "k", conditional: true,
            action: .reuse, reason: DecisionReason(.unchanged, ""), redUpstreams: ["fmt"], fallback: ["fmt": "f"],
            finished: FinishedBuild(outcome: .passed, flaky: true), recipe: "recipe", environment: "env")
        let entry = RunJob(planned: planned, verdict: .passing, expectedIssue: "issue 7")
        #expect(entry.result == .passed && entry.flaky)
        try await history.recorder.begin(start("r1"))
        try await history.recorder.record([entry], of: "r1")
        #expect(try await history.reader.runs.run("r1")?.jobs == [entry])
    }

    @Test func `an episode from its first error to its end`() async throws {
        let imath = job("imath")
        try await history.live(
            "r1", ended(imath, .passed), minute: 0,
            [Transition(run: "r1", job: imath, from: .unknown, to: .passing, at: minute(0))])
        try await history.live(
            "r2", ended(imath, compilerError), minute: 60,
            [
                Transition(run: "r2", job: imath, from: .passing, to: .suspected, at: minute(60), episode: "e1")
            ])
        let suspected = try #require(try await history.reader.jobs.overview()[imath])
        #expect(suspected.verdict == .suspected && suspected.since == minute(60) && suspected.episode?.id == "e1")
        try await history.live(
            "r3", ended(imath, compilerError), minute: 90,
            [Transition(run: "r3", job: imath, from: .suspected, to: .broken, at: minute(90))])
        let open = try #require(try await history.reader.jobs.overview()[imath]?.episode)
        #expect(open.openedAt == minute(60) && open.openedBy == "r2" && open.closedAt == nil)
        #expect(open.firstError == compilerError.firstError)
        try await history.live(
            "r4", ended(imath, .passed), minute: 120,
            [Transition(run: "r4", job: imath, from: .broken, to: .passing, at: minute(120))])

        let closed = try await history.reader.jobs.episode("e1")
        #expect(closed.closedAt == minute(120))
        #expect(closed.transitions.map(\.to) == [.suspected, .broken, .passing])
        #expect(closed.transitions.allSatisfy { $0.episode == "e1" })
        let passing = try #require(try await history.reader.jobs.overview()[imath])
        #expect(passing.verdict == .passing && passing.since == minute(120) && passing.episode == nil)
        #expect(try await history.reader.runs.run("r3")?.transitions.first?.episode == "e1")
    }

    @Test func `times to the millisecond, and in order whatever the clock does`() async throws {
        try await history.recorder.begin(start("r1", at: minute(10)))
        try await history.recorder.begin(opened("a1", at: minute(10)), of: build("k-imath"), in: "r1")
        let stage = StageRun(stage: .build, startedAt: minute(10), endedAt: minute(3), exit: .code(0), logOffset: 0)
        let end = AttemptFinish(finishedAt: minute(2), outcome: .passed, stages: [stage])
        #expect(try await history.recorder.finish("a1", with: end))
        try await history.recorder.finishRun("r1", at: minute(1))
        #expect(try await history.reader.builds.attempt("a1")?.seconds == 0)
        #expect(try await history.reader.runs.run("r1")?.finishedAt == minute(10))
    }
}
