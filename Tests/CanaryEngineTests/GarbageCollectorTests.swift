// SPDX-License-Identifier: Apache-2.0

import CanaryHistory
import CanaryModel
import CanaryRunner
import CanaryTestSupport
import CanaryText
import Foundation
import Testing

@testable import CanaryEngine

@Suite("Housekeeper") struct HousekeeperTests {
    private func keeper(_ bench: EngineFixture, _ stack: Stack) -> GarbageCollector {
        // Logs are as old as they get, and the store is a byte.
        GarbageCollector(
            stack: Stack(
                name: stack.name, variants: stack.variants, graph: stack.graph,
                operation: Operation(keepLogs: TimeSpan(seconds: 0)),
                limits: HostLimits(store: ByteSize(bytes: 1))),
            state: bench.state, history: bench.history.reader, now: Date())
    }

    @Test func `what history has forgotten but was not removed yet goes with the next run`() async throws {
        try await EngineFixture.with { bench in
            let stack = try bench.stack([bench.project("base")])
            try await bench.commit("base")
            let first = try #require(try await bench.run(stack).job("base").planned.key)
            try await bench.commit("base", "2")
            let second = try #require(try await bench.run(stack).job("base").planned.key)
            let plan = try await keeper(bench, stack).decide()
            #expect(plan.removals.map(\.entry.item.kind).sorted() == ["log", "log", "prefix"])
            let stop = StopSignal()
            stop.raise()
            let error = await #expect(throws: EngineError.self) {
                _ = try await keeper(bench, stack).carryOut(
                    plan, recorder: bench.history.recorder.retention, stop: stop)
            }
            #expect(error?.code == .interrupted)
            let (store, workspace) = (PrefixStore(state: bench.state), Workspace(state: bench.state))
            #expect(store.stored().count == 2 && workspace.attempts.count == 2, "nothing was removed")
            #expect(try await bench.history.reader.builds.storedPrefixes() == [second], "but history knows")
            try await bench.engine(stack).recover()
            #expect(store.stored().map(\.key) == [second] && workspace.attempts == [])
            #expect(try await keeper(bench, stack).decide().removals.isEmpty && first != second)
        }
    }

    @Test func `an incomplete prefix and a running attempt are not removed`() async throws {
        try await EngineFixture.with { bench in
            let stack = try bench.stack([bench.project("base")])
            try await bench.commit("base")
            bench.runner.script("base", .hangs)
            let stop = StopSignal()
            let run = Task { try await bench.run(stack, stop: stop) }
            try await eventually { bench.runner.hanging == 1 }
            #expect(try await keeper(bench, stack).decide().removals.isEmpty)
            stop.raise()
            await #expect(throws: EngineError.self) { _ = try await run.value }
        }
    }

    @Test func `what a build offered is forgotten with its prefix, and what the newest run needs stays`() async throws {
        try await EngineFixture.with { bench in
            let stack = try bench.stack([bench.project("base")])
            bench.runner.script("base", .passes("1"), .passes("2"))
            var trees: [String] = []
            for content in ["1", "2"] {
                try await bench.commit("base", content)
                let key = try #require(try await bench.run(stack).job("base").planned.key)
                trees.append(try #require(try await bench.history.reader.builds.build(key)?.lastTree))
            }
            let builds = bench.history.reader.builds
            for tree in trees { #expect(try await builds.surface(of: tree) != nil) }
            let keeper = keeper(bench, stack)
            let failed = try await keeper.carryOut(
                try await keeper.decide(), recorder: bench.history.recorder.retention, stop: StopSignal())
            #expect(failed.isEmpty)
            #expect(try await builds.surface(of: trees[0]) == nil)
            #expect(try await builds.surface(of: trees[1]) != nil)
        }
    }
}
