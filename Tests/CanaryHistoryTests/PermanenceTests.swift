// SPDX-License-Identifier: Apache-2.0

import CanaryJudge
import CanaryModel
import Foundation
import GRDB
import Testing

@testable import CanaryHistory

@Suite("What is written stays written")
struct PermanenceTests {
    let history: History

    init() async throws {
        history = try History.inMemory(stack: "aswf")
        try await history.recorder.begin(start("r1"))
    }

    @Test func `only the first end of an attempt counts`() async throws {
        try await history.recorder.begin(opened("a1"), of: build("k-imath"), in: "r1")
        #expect(
            try await history.recorder.finish("a1", with: AttemptFinish(finishedAt: minute(2), outcome: compilerError)))
        let first = try await history.reader.builds.attempt("a1")
        let stage = StageRun(stage: .build, startedAt: minute(1), endedAt: minute(1), exit: nil, logOffset: 0)
        let second = AttemptFinish(
            finishedAt: minute(3), outcome: .passed, stages: [stage],
            prefix: StoredPrefix(tree: "t", files: 1, bytes: 1))
        #expect(try await history.recorder.finish("a1", with: second) == false)
        #expect(try await history.reader.builds.attempt("a1") == first)
        #expect(try await history.reader.builds.storedPrefix(of: "k-imath") == nil)
        #expect(await code { _ = try await history.recorder.finish("a9", with: second) } == .notRecorded)
    }

    @Test(arguments: [
        "UPDATE attempts SET result = 'passed', reason = NULL WHERE id = 'a1'",
        "UPDATE attempts SET state = 'running', finished_at = NULL, result = NULL WHERE id = 'a1'",
        "UPDATE attempts SET started_at = 0 WHERE id = 'a2'",
        "DELETE FROM attempts",
        "UPDATE stages SET ended_at = started_at",
        "DELETE FROM stages",
        "UPDATE builds SET recipe = 'other'",
        "UPDATE runs SET state = 'running', finished_at = NULL WHERE id = 'r0'",
        "UPDATE runs SET judged = 0 WHERE id = 'r1'",
        "UPDATE run_jobs SET result = 'passed', reason = NULL",
        "DELETE FROM run_jobs",
        "UPDATE sources SET tree = 'other'",
        "UPDATE attempts SET state = 'finished' WHERE id = 'a2'",
        "UPDATE attempts SET state = 'lost' WHERE id = 'a2'",
        "UPDATE runs SET state = 'finished', finished_at = 0 WHERE id = 'r1'",
    ])
    func `even by hand`(_ sql: String) async throws {
        try await history.recorder.begin(start("r0"))
        try await history.recorder.begin(opened("a1"), of: build("k-imath"), in: "r1")
        let stage = StageRun(stage: .build, startedAt: minute(1), endedAt: minute(2), exit: nil, logOffset: 0)
        let end = AttemptFinish(finishedAt: minute(2), outcome: compilerError, stages: [stage])
        _ = try await history.recorder.finish("a1", with: end)
        try await history.recorder.begin(opened("a2"), of: build("k-imath"), in: "r1")
        try await history.recorder.record([ended(job("imath"), compilerError)], of: "r0")
        try await history.recorder.finishRun("r0", at: minute(3))
        #expect(await code { try await history.access.write { try $0.execute(sql: sql) } } == .contradiction)
    }

    @Test func `a run that ended takes nothing more`() async throws {
        try await history.recorder.finishRun("r1", at: minute(1))
        #expect(
            await code { try await history.recorder.record([ended(job("imath"), .passed)], of: "r1") } == .contradiction
        )
        #expect(await code { try await history.recorder.record(Snapshot(), of: "r1") } == .contradiction)
        #expect(
            await code { try await history.recorder.begin(opened("a1"), of: build("k-imath"), in: "r1") }
                == .contradiction)
        #expect(await code { try await history.recorder.finishRun("r1", at: minute(2)) } == .contradiction)
        #expect(await code { try await history.recorder.finishRun("r9", at: minute(2)) } == .notRecorded)
        #expect(await code { try await history.recorder.begin(start("r1")) } == .contradiction)
    }

    @Test func `a key may come again with another revision of the same tree`() async throws {
        try await history.recorder.begin(opened("a1"), of: build("k-imath"), in: "r1")
        let again = BuildRecord(
            key: "k-imath", project: "imath",
            source: Source(revision: "r2", tree: source("r1").tree, committedAt: minute(7)), recipe: "recipe",
            environment: "sha256:image", variant: "vfx2025", upstreams: [])
        try await history.recorder.begin(opened("a2"), of: again, in: "r1")
        #expect(try await history.reader.builds.build("k-imath")?.build == build("k-imath"))
        #expect(try await history.reader.builds.build("k-imath")?.attempts.count == 2)
    }

    @Test func `a key with other content is refused, and says what differs`() async throws {
        try await history.recorder.begin(opened("a1"), of: build("k-imath"), in: "r1")
        await #expect(
            throws: HistoryError(
                .contradiction,
                "the build `k-imath` has the source tree `tree-of-r1`, and now comes with `tree-of-r2`")
        ) {
            try await history.recorder.begin(opened("a2"), of: build("k-imath", revision: "r2"), in: "r1")
        }
        #expect(try await history.reader.builds.attempt("a2") == nil)
    }

    @Test func `an upstream build must be known`() async throws {
        let openexr = build(
            "k-openexr", "openexr", upstreams: [UpstreamBuild(project: "imath", key: "k-lost", direct: true)])
        #expect(await code { try await history.recorder.begin(opened("a1"), of: openexr, in: "r1") } == .notRecorded)
        #expect(try await history.reader.builds.build("k-openexr") == nil, "nothing of the transaction stays")
    }

    @Test func `a transition must begin where the job stands`() async throws {
        let step = Transition(
            run: "r1", job: job("imath"), from: .unknown, to: .suspected, at: minute(0), episode: "e1")
        try await history.recorder.record([ended(job("imath"), compilerError)], transitions: [step], of: "r1")
        let run = try await history.reader.runs.run("r1")
        let late = ended(job("imath"), .passed)
        #expect(
            await code { try await history.recorder.record([late], transitions: [step], of: "r1") } == .contradiction)
        #expect(try await history.reader.runs.run("r1")?.jobs == run?.jobs)
        let silent = Transition(run: "r1", job: job("fmt"), from: .unknown, to: .suspected, at: minute(0))
        #expect(await code { try await history.recorder.record([], transitions: [silent], of: "r1") } == .contradiction)
    }

    @Test func `a dead driver's attempts and runs are interrupted, and are no evidence`() async throws {
        let imath = job("imath")
        try await history.recorder.record([ended(imath, .passed)], of: "r1")
        try await history.recorder.finishRun("r1", at: minute(1))
        try await history.recorder.begin(start("r2", at: minute(10)))
        try await history.recorder.begin(opened("a1"), of: build("k-imath"), in: "r2")
        let interrupted = Outcome.ended(in: .build, reason: .environmentInterrupted)
        try await history.recorder.record([ended(imath, interrupted)], of: "r2")
        #expect(try await history.recorder.closeInterrupted(at: minute(20)) == ["a1"])

        #expect(try await history.reader.builds.attempt("a1")?.state == .interrupted)
        #expect(
            try await history.reader.builds.attempt("a1")?.outcome
                == Outcome(result: .error, reason: .environmentInterrupted))
        #expect(try await history.reader.runs.run("r2")?.state == .interrupted)
        #expect(try await history.reader.builds.runningAttempts().isEmpty)
        #expect(
            try await history.recorder.finish("a1", with: AttemptFinish(finishedAt: minute(21), outcome: .passed))
                == false)
        let overview = try #require(try await history.reader.jobs.overview()[imath])
        #expect(overview.lastResult == .passed && overview.lastRunAt == minute(0))
        #expect(overview.lastKnownGood?.run == "r1")
        #expect(try await history.recorder.closeInterrupted(at: minute(22)).isEmpty)
    }

    @Test func `one run is interrupted alone`() async throws {
        try await history.recorder.begin(start("r2"))
        try await history.recorder.begin(opened("a1"), of: build("k-imath"), in: "r1")
        try await history.recorder.begin(opened("a2"), of: build("k-imath"), in: "r2")
        #expect(try await history.recorder.interrupt(run: "r2", at: minute(9)) == ["a2"])
        #expect(try await history.reader.builds.runningAttempts().map(\.id) == ["a1"])
        #expect(try await history.reader.runs.run("r1")?.state == .running)
    }

    @Test func `a cancelled task still writes`() async throws {
        let history = history
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            try await history.recorder.interrupt(run: "r1", at: minute(1))
        }
        _ = try await task.value
        #expect(try await history.reader.runs.run("r1")?.state == .interrupted)
    }
}
