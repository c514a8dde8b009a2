// SPDX-License-Identifier: Apache-2.0

import CanaryHistory
import CanaryJudge
import CanaryModel
import CanaryText
import Foundation
import Testing

@testable import CanaryEngine

@Suite("Engine.run and the policy")
struct PolicyRunTests {
    private let hour = 3600.0

    /// Passes once, then fails on new heads until the rule for a page holds; what the last of these runs was.
    private func untilDue(_ bench: EngineFixture, control: [ScriptedRunner.End]) async throws -> (Stack, RunRecord) {
        try await bench.commit("base", "good")
        bench.runner.script("base", .passes("x"), .fails, .fails, .fails, .fails)
        let stack = try bench.stack([bench.project("base")])
        #expect(try await bench.run(stack, at: 0).job("base").verdict == .passing)
        try await bench.commit("base", "bad")
        #expect(try await bench.run(stack, at: hour).job("base").verdict == .suspected)
        try await bench.commit("base", "bad, too")
        bench.runner.script("base", [.fails, .fails] + control)
        return (stack, try await bench.run(stack, at: 20 * hour))
    }

    @Test func `what is red for a day on two heads pages when its last known good still passes`() async throws {
        try await EngineFixture.with { bench in
            let (stack, run) = try await untilDue(bench, control: [.passes("x")])
            #expect(run.tale == ["base first failed", "base rerun failed", "base control passed"])
            #expect(try run.job("base").verdict == .broken && run.wouldTell.map(\.kind) == [.page])
            let control = try #require(run.attempts.last)
            let good = try await bench.history.reader.jobs.lastKnownGood(of: run.job("base").planned.job)
            #expect(control.key == good?.key, "a control is the last known good, whole")
            let overview = try await bench.history.reader.jobs.overview()[run.job("base").planned.job]
            #expect(overview?.verdict == .broken && overview?.memory.verdict == .broken)
            #expect(run.transitions.map(\.to) == [.broken] && overview?.since == overview?.memory.since)
            _ = stack
        }
    }

    @Test func `when the last known good fails too, only the operators are notified`() async throws {
        try await EngineFixture.with { bench in
            let (_, run) = try await untilDue(bench, control: [.fails, .fails])
            #expect(run.tale.suffix(2) == ["base control failed", "base control failed"])
            #expect(try run.job("base").verdict == .suspected)
            #expect(run.wouldTell.map(\.kind) == [.environment])
            #expect(run.wouldTell.map(\.kind.audience) == [.operators])
        }
    }

    @Test func `a control with an infrastructure error decides nothing`() async throws {
        try await EngineFixture.with { bench in
            let (_, run) = try await untilDue(bench, control: [.breaks, .breaks])
            #expect(try run.job("base").verdict == .suspected && run.wouldTell.isEmpty)
        }
    }

    @Test func `what is broken is built once a day on the same inputs, without a rerun`() async throws {
        try await EngineFixture.with { bench in
            let (stack, _) = try await untilDue(bench, control: [.passes("x")])
            let soon = try await bench.run(stack, at: 21 * hour)
            #expect(soon.attempts.isEmpty)
            let job = try soon.job("base")
            #expect(job.planned.action == .skip && job.planned.reason.code == .stillBroken && job.result == .skipped)
            #expect(job.verdict == .broken && soon.transitions.isEmpty && soon.wouldTell.isEmpty)
            bench.runner.script("base", .fails)
            #expect(try await bench.run(stack, at: 45 * hour).tale == ["base first failed"])
            var failed = RunRequest()
            failed.failedOnly = true
            #expect(
                try await bench.run(stack, failed, at: 46 * hour).tale == ["base first failed"], "asked for by name")
        }
    }

    @Test func `a fixed job recovers with a second pass, with one notice`() async throws {
        try await EngineFixture.with { bench in
            let (stack, _) = try await untilDue(bench, control: [.passes("x")])
            try await bench.commit("base", "mended")
            bench.runner.script("base", .passes("y"))
            let run = try await bench.run(stack, at: 24 * hour)
            #expect(run.tale == ["base first passed", "base confirm passed"])
            #expect(try run.job("base").verdict == .passing && run.wouldTell.map(\.kind) == [.recovered])
            #expect(try await bench.run(stack, at: 25 * hour).wouldTell.isEmpty)
        }
    }

    @Test func `a run that is interrupted leaves the judge as it was`() async throws {
        try await EngineFixture.with { bench in
            try await bench.commit("base", "good")
            bench.runner.script("base", .hangs)
            let stop = StopSignal()
            stop.raise()
            let stack = try bench.stack([bench.project("base")])
            await #expect(throws: EngineError.self) { try await bench.run(stack, stop: stop) }
            #expect(try await bench.history.reader.decisions.judgeState().states.isEmpty)
        }
    }

    @Test func `notices are in the outbox when the run has ended, and only when they were asked for`() async throws {
        try await EngineFixture.with { bench in
            try await bench.commit("base", "good")
            bench.runner.script("base", .passes("x"), .fails)
            var stack = try bench.stack([bench.project("base")])
            stack = try Stack(
                name: stack.name, variants: stack.variants, graph: stack.graph,
                operation: CanaryModel.Operation(digest: CronSchedule("0 8 * * *")), limits: stack.limits,
                policy: Policy(reruns: 0),
                notify: [NotifyTarget(name: "file", kind: .file("notices"), projects: [])])
            var request = RunRequest()
            #expect(try await bench.run(stack, request).wouldTell.isEmpty)
            try await bench.commit("base", "bad")
            #expect(try await bench.run(stack, request).wouldTell.map(\.kind) == [.suspected])
            #expect(try await bench.history.outbox.awaitedReceivers().isEmpty)
            request.notifies = true
            try await bench.commit("base", "mended")
            bench.runner.script("base", .passes("z"))
            #expect(try await bench.run(stack, request).wouldTell.map(\.kind) == [.healed])
            #expect(try await bench.history.outbox.awaitedReceivers() == ["file"])
        }
    }
}
