// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import CanaryRunner
import Testing

/// What the scripted runner promises of `AttemptRunner`, as far as it goes: it runs nothing.
@Suite("ScriptedRunner") struct ScriptedRunnerTests {
    private func order(_ attempt: String = "a1") -> WorkOrder {
        WorkOrder(
            attempt: attempt, environment: "process:0", project: "half", revision: "0", prefixKey: "k",
            variant: "local", lane: .head, recipe: Recipe(stages: [], network: false), upstreams: [],
            sourceDateEpoch: 0, jobs: 1, limits: AttemptLimits())
    }

    /// What is told of an attempt that ends so.
    private func tale(of end: ScriptedRunner.End, cancelling: Bool = false) async throws -> [String] {
        var tale: [String] = []
        try await EngineFixture.with { bench in
            bench.runner.script("half", end)
            _ = try PrefixStore(state: bench.state).prepare(project: "half", key: "k")
            try await bench.runner.start(order())
            if cancelling { await bench.runner.cancel("a1") }
            for await event in bench.runner.events(of: "a1") {
                switch event {
                case .stageStarted(let stage, _): tale.append("start \(stage)")
                case .stageEnded(let run): tale.append("end \(run.stage)")
                case .finished(let end): tale.append("\(end.cause)")
                }
            }
            #expect(bench.runner.hanging == 0)
        }
        return tale
    }

    @Test func `stages are reported in order, and the end comes last`() async throws {
        #expect(
            try await tale(of: .passes("1")) == ["start build", "end build", "\(AttemptEnd.Cause.completed)"])
        #expect(
            try await tale(of: .fails)
                == ["start build", "end build", "\(AttemptEnd.Cause.stageFailed(.build, .code(1)))"])
    }

    @Test func `a cancelled attempt ends as that`() async throws {
        #expect(
            try await tale(of: .hangs, cancelling: true)
                == ["start build", "end build", "\(AttemptEnd.Cause.cancelled(.build))"])
    }

    @Test func `a refused order leaves nothing behind, and a second start is refused`() async throws {
        try await EngineFixture.with { bench in
            bench.runner.script("half", .refuses)
            await #expect(throws: RunnerFailure.self) { try await bench.runner.start(order()) }
            for await event in bench.runner.events(of: "a1") { Issue.record("\(event)") }
            #expect(bench.runner.hanging == 0)
            bench.runner.script("half", .hangs)
            try await bench.runner.start(order("a2"))
            await #expect(throws: RunnerFailure.self) { try await bench.runner.start(order("a2")) }
            await bench.runner.cancel("a2")
        }
    }

    @Test func `an unknown attempt cannot be cancelled, adopted or followed`() async throws {
        try await EngineFixture.with { bench in
            await bench.runner.cancel("nobody")
            #expect(await bench.runner.adopt("nobody") == false)
            for await event in bench.runner.events(of: "nobody") { Issue.record("\(event)") }
        }
    }
}
