// SPDX-License-Identifier: Apache-2.0

import CanaryJudge
import CanaryModel
import Foundation
import GRDB
import Testing

@testable import CanaryHistory

/// A new case without a migration fails here.
@Suite("The schema takes every word of")
struct VocabularyTests {
    let history: History

    init() async throws {
        history = try History.inMemory(stack: "aswf")
        try await history.recorder.begin(start("r1"))
    }

    @Test(arguments: AttemptPurpose.allCases)
    func purposes(_ purpose: AttemptPurpose) async throws {
        try await history.recorder.begin(opened("a", purpose), of: build("k"), in: "r1")
        #expect(try await history.reader.builds.attempt("a")?.start.purpose == purpose)
    }

    @Test(arguments: CanaryModel.Result.allCases)
    func results(_ result: CanaryModel.Result) async throws {
        let outcome = Outcome(result: result)
        try await history.execute("a", build("k"), in: "r1", outcome: outcome)
        try await history.recorder.record([ended(job("imath"), outcome)], of: "r1")
        #expect(try await history.reader.builds.attempt("a")?.outcome == outcome)
        #expect(try await history.reader.runs.run("r1")?.jobs.first?.outcome == outcome)
    }

    @Test(arguments: ReasonCode.allCases)
    func reasons(_ reason: ReasonCode) async throws {
        let outcome = Outcome.ended(in: .build, reason: reason)
        let snapshot = Snapshot(revisions: ["imath": .failed(reason, detail: "why")])
        try await history.execute("a", build("k"), in: "r1", outcome: outcome)
        try await history.recorder.record([ended(job("imath"), outcome)], of: "r1")
        try await history.recorder.record(snapshot, of: "r1")
        #expect(try await history.reader.builds.attempt("a")?.outcome == outcome)
        #expect(try await history.reader.runs.run("r1")?.jobs.first?.outcome == outcome)
        #expect(try await history.reader.runs.run("r1")?.snapshot.revisions == snapshot.revisions)
    }

    @Test(arguments: Stage.allCases)
    func stages(_ stage: Stage) async throws {
        let outcome = Outcome.ended(in: stage, reason: .unknown)
        let run = StageRun(stage: stage, startedAt: minute(1), endedAt: minute(1), exit: nil, logOffset: 0)
        try await history.recorder.begin(opened("a"), of: build("k"), in: "r1")
        _ = try await history.recorder.finish(
            "a", with: AttemptFinish(finishedAt: minute(2), outcome: outcome, stages: [run]))
        try await history.recorder.record([ended(job("imath"), outcome)], of: "r1")
        #expect(try await history.reader.builds.attempt("a")?.stages == [run])
        #expect(try await history.reader.runs.run("r1")?.jobs.first?.outcome?.stage == stage)
    }

    @Test(arguments: DecisionCode.allCases)
    func `decision codes`(_ code: DecisionCode) async throws {
        let planned = plan(job("imath"), Decided(reason: DecisionReason(code, "why")))
        try await history.recorder.record(
            [RunJob(planned: planned, verdict: .unknown)], of: "r1")
        #expect(try await history.reader.runs.run("r1")?.jobs.first?.planned == planned)
    }

    @Test(arguments: Action.allCases, Verdict.allCases)
    func `actions and verdicts`(_ action: Action, _ verdict: Verdict) async throws {
        let entry = RunJob(
            planned: plan(job("imath"), Decided(action: action), .passed), verdict: verdict)
        try await history.recorder.record([entry], of: "r1")
        #expect(try await history.reader.runs.run("r1")?.jobs == [entry])
    }

    @Test func `verdicts in transitions`() async throws {
        let imath = job("imath")
        var from = Verdict.unknown
        for (index, to) in [Verdict.passing, .suspected, .broken, .unknown].enumerated() {
            let episode = to == .suspected ? "e1" : nil
            let step = Transition(run: "r1", job: imath, from: from, to: to, at: minute(index), episode: episode)
            try await history.recorder.record([], transitions: [step], of: "r1")
            #expect(try await history.reader.jobs.overview()[imath]?.verdict == to)
            from = to
        }
        #expect(Set(try await history.reader.runs.run("r1")?.transitions.map(\.to) ?? []) == Set(Verdict.allCases))
    }

    @Test(arguments: Lane.allCases)
    func lanes(_ lane: Lane) async throws {
        let imath = job("imath", lane: lane)
        let step = Transition(run: "r1", job: imath, from: .unknown, to: .suspected, at: minute(0), episode: "e")
        try await history.recorder.record([ended(imath, compilerError)], transitions: [step], of: "r1")
        try await history.recorder.finishRun(
            "r1", at: minute(1), with: .reporting([NoticeEvent(kind: .suspected, job: imath)]))
        #expect(try await history.reader.jobs.overview()[imath]?.episode?.job == imath)
        #expect(try await history.reader.runs.run("r1")?.wouldTell.first?.job == imath)
    }

    @Test func `message kinds`() async throws {
        let events = Notice.Kind.allCases.filter { $0 != .updated }.map { NoticeEvent(kind: $0, job: job("imath")) }
        try await history.recorder.finishRun("r1", at: minute(1), with: .reporting(events))
        #expect(try await history.reader.runs.run("r1")?.wouldTell == events)
    }

    @Test(arguments: AttemptState.allCases)
    func `attempt states`(_ state: AttemptState) async throws {
        let ended = state == .finished || state == .interrupted
        try await history.recorder.begin(opened("a0"), of: build("k"), in: "r1")
        try await history.access.write { connection in
            try connection.perform(
                """
                INSERT INTO attempts (id, build, project, variant, run, purpose, state, started_at, finished_at,
                    driver_pid, driver_started_at, result, reason, unreproducible)
                VALUES ('a1', 1, 'imath', 'vfx2026', 1, 'first', ?, 0, ?, 1, '', ?, ?, 0)
                """,
                [
                    state.rawValue, ended ? 1 : nil, ended ? "error" : nil,
                    ended ? "environment.interrupted" : nil,
                ])
        }
        #expect(try await history.reader.builds.attempt("a1")?.state == state)
    }

    @Test func `run states`() async throws {
        try await history.recorder.begin(start("r2"))
        try await history.recorder.begin(start("r3"))
        try await history.recorder.finishRun("r2", at: minute(1))
        try await history.recorder.interrupt(run: "r3", at: minute(1))
        let states = try await history.reader.runs.newest(limit: 9).map(\.state)
        #expect(Set(states) == Set(RunState.allCases))
    }
}
