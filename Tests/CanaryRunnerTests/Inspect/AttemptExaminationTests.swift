// SPDX-License-Identifier: Apache-2.0

import CanaryFiles
import CanaryModel
import CanaryTestSupport
import CanaryText
import Foundation
import Testing

@testable import CanaryRunner

@Suite("AttemptExamination") struct AttemptExaminationTests {
    private let temporary = TemporaryFolder()
    private var state: StateFolder { StateFolder(path: temporary("state")) }
    private var prefix: String { state.prefix(of: "app", key: "k") }

    private func findings(
        after cause: AttemptEnd.Cause = .completed, within limit: Duration = .seconds(600), log: String = ""
    ) async throws -> AttemptExamination.Findings {
        temporary.write("state/attempts/a1/log", log)
        try Folder.make(prefix)
        let order = WorkOrder(
            attempt: "a1", environment: "e", project: "app", revision: "r", prefixKey: "k", variant: "local",
            lane: .head, recipe: Recipe(stages: [], network: false), upstreams: [], sourceDateEpoch: 0, jobs: 1,
            limits: AttemptLimits(attempt: TimeSpan(seconds: 7)))
        let stage = StageRun(stage: .build, startedAt: hour(0), endedAt: hour(0), exit: .code(0), logOffset: 0)
        return await AttemptExamination(of: order, in: state, requirements: [], containers: nil).findings(
            after: AttemptEnd(cause: cause, stages: [stage], logBytes: log.utf8.count), isPartial: false,
            until: .now + limit)
    }

    private func makeHole(_ name: String, gibibytes: Int) throws {
        let path = temporary.write("state/prefixes/app/k/\(name)", "x")
        #expect(truncate(path, gibibytes << 30) == 0)
    }

    @Test func `what passed is hashed and described`() async throws {
        temporary.write("state/prefixes/app/k/include/a.h", "#define A 1\n")
        let found = try await findings()
        #expect(found.outcome == .passed && found.detail == nil && found.tree?.files == 1)
        #expect(found.surface?.parts[.macro]?.forms == ["A": "a.h: 1"])
    }

    @Test func `a file that cannot be hashed in time ends with the limit, which names it`() async throws {
        try makeHole("share/hole", gibibytes: 60)
        let begin = ContinuousClock.now
        let found = try await findings(within: .milliseconds(200))
        #expect(ContinuousClock.now - begin < .seconds(20))
        #expect(found.outcome.result == .timedOut && found.outcome.reason == .limitAttempt)
        #expect(found.outcome.stage == .install && found.tree == nil && found.surface == nil)
        #expect(found.outcome.firstError?.text == "the limit of 7s ended while `prefix:share/hole` was read")
        #expect(found.detail?.contains("`limits: {attempt: ...}`") == true)
    }

    @Test func `a stop ends it as cancelled`() async throws {
        try makeHole("hole", gibibytes: 60)
        let task = Task { try await findings() }
        let log = state.attempt("a1").log
        try await eventually { text(log) != nil }
        task.cancel()
        let found = try await task.value
        #expect(found.outcome.result == .cancelled && found.outcome.reason == nil && found.tree == nil)
    }

    @Test func `many are read at once while tasks go on`() async throws {
        try makeHole("hole", gibibytes: 60)
        let count = ProcessInfo.processInfo.activeProcessorCount + 2
        let tasks = (0..<count).map { _ in Task { try await findings() } }
        // Tasks that begin now and sleep would wait for ever if these held all threads.
        for _ in 0..<20 { try await Task { try await Task.sleep(for: .milliseconds(5)) }.value }
        for task in tasks { task.cancel() }
        for task in tasks {
            let outcome = try await task.value.outcome
            #expect(outcome.result == .cancelled, "\(outcome)")
        }
    }

    @Test func `an attempt that ended by a limit keeps its own end, however late it is`() async throws {
        let found = try await findings(after: .limit(.limitSilence, .build), within: .zero, log: "last words\n")
        #expect(found.outcome.reason == .limitSilence && found.outcome.firstError?.text == "last words")
        #expect(try await findings(after: .cancelled(.build), within: .zero).outcome.result == .cancelled)
    }

    @Test func `a failed stage is diagnosed`() async throws {
        let found = try await findings(after: .stageFailed(.build, .code(1)), log: "a.c:3:1: error: no\n")
        #expect(found.outcome.reason == .buildCompiler && found.tree == nil)
    }

    @Test func `what is installed too deep, too long or too large fails the build`() async throws {
        let deep = Array(repeating: "d", count: 102).joined(separator: "/")
        try Folder.make("\(prefix)/\(deep)")
        let tooDeep = try await findings()
        #expect(tooDeep.outcome.result == .failed && tooDeep.outcome.reason == .installOther)
        #expect(tooDeep.outcome.stage == .install && tooDeep.detail?.contains("deeper than the limit of 100") == true)
        Folder.remove("\(prefix)/d")

        let part = String(repeating: "x", count: 250)
        try Folder.make("\(prefix)/" + Array(repeating: part, count: 9).joined(separator: "/"))
        let tooLong = try await findings()
        #expect(tooLong.outcome.reason == .installOther && tooLong.detail?.contains("limit of 2048") == true)
        Folder.remove("\(prefix)/\(part)")

        try makeHole("hole", gibibytes: 65)
        let tooLarge = try await findings()
        #expect(tooLarge.outcome.reason == .installOther && tooLarge.detail?.contains("64.0 GiB") == true)
        #expect(tooLarge.detail?.contains("prefix:hole") == true)
    }
}
