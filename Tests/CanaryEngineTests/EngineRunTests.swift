// SPDX-License-Identifier: Apache-2.0

import CanaryFiles
import CanaryHistory
import CanaryJudge
import CanaryModel
import CanaryRunner
import CanaryTestSupport
import Foundation
import Testing

@testable import CanaryEngine

@Suite("Engine.run")
struct EngineRunTests {
    @Test func `upstreams are built before their downstreams, with their prefixes at hand`() async throws {
        try await EngineFixture.with { bench in
            for name in ["base", "left", "top"] { try await bench.commit(name) }
            let stack = try bench.stack([
                bench.project("top", on: [Upstream(project: "left")]), bench.project("base"),
                bench.project("left", on: [Upstream(project: "base")]),
            ])
            let run = try await bench.run(stack)
            #expect(run.tale == ["base first passed", "left first passed", "top first passed"])
            #expect(run.state == .finished && run.transitions.map(\.to) == [.passing, .passing, .passing])
            let top = try #require(bench.runner.orders.last)
            #expect(top.upstreams.map(\.project) == ["left", "base"])
            #expect(top.upstreams.map(\.key) == [try run.job("left").planned.key, try run.job("base").planned.key])
            #expect(try await bench.run(stack).attempts.isEmpty)
        }
    }

    @Test(arguments: [0, 1, 2]) func `a failure is run again as often as the policy says`(reruns: Int) async throws {
        try await EngineFixture.with { bench in
            try await bench.commit("base")
            bench.runner.script("base", .fails)
            let run = try await bench.run(try bench.stack([bench.project("base")], reruns: reruns))
            #expect(run.tale == ["base first failed"] + Array(repeating: "base rerun failed", count: reruns))
            #expect(try run.job("base").verdict == .suspected && run.wouldTell.map(\.kind) == [.suspected])
        }
    }

    @Test func `a pass after a failure is flaky and changes nothing`() async throws {
        try await EngineFixture.with { bench in
            try await bench.commit("base")
            bench.runner.script("base", .fails, .passes("x"))
            let stack = try bench.stack([bench.project("base")])
            let run = try await bench.run(stack)
            let job = try run.job("base")
            #expect(job.result == .passed && job.flaky && job.verdict == .unknown && run.transitions.isEmpty)
            #expect(run.wouldTell.map(\.kind) == [.flaky])
            #expect(try await bench.history.reader.jobs.knowledge(of: stack.jobs).lastKnownGood.isEmpty)
        }
    }

    @Test func `an infrastructure error in a rerun does not undo a failure`() async throws {
        try await EngineFixture.with { bench in
            try await bench.commit("base")
            bench.runner.script("base", .fails, .breaks)
            let run = try await bench.run(try bench.stack([bench.project("base")]))
            #expect(try run.job("base").result == .failed && run.tale == ["base first failed", "base rerun error"])
        }
    }

    @Test(arguments: [ScriptedRunner.End.breaks, .refuses, .isLost])
    func `an error is retried once when everything else is done`(end: ScriptedRunner.End) async throws {
        try await EngineFixture.with { bench in
            for name in ["a", "b", "c"] { try await bench.commit(name) }
            bench.runner.script("a", end)
            let run = try await bench.run(try bench.stack(["a", "b", "c"].map { bench.project($0) }, jobs: 1))
            #expect(run.tale.filter { $0.hasPrefix("a") } == ["a first error", "a rerun error"])
            #expect(run.tale.last == "a rerun error" && run.attempts.count == 4)
            #expect(try run.job("a").verdict == .unknown && run.transitions.count == 2)
        }
    }

    @Test func `downstreams of an error are planned again when the retry passes`() async throws {
        try await EngineFixture.with { bench in
            for name in ["base", "left"] { try await bench.commit(name) }
            bench.runner.script("base", .breaks, .passes("x"))
            let run = try await bench.run(
                try bench.stack([bench.project("base"), bench.project("left", on: [Upstream(project: "base")])]))
            #expect(run.tale == ["base first error", "base rerun passed", "left first passed"])
            let left = try run.job("left")
            #expect(left.result == .passed && left.planned.action == .build && left.planned.redUpstreams == [])
        }
    }

    @Test func `a fix is confirmed on the same inputs before the episode is closed`() async throws {
        try await EngineFixture.with { bench in
            try await bench.commit("base")
            let stack = try bench.stack([bench.project("base")])
            bench.runner.script("base", .fails)
            let red = try await bench.run(stack)
            try await bench.commit("base", "2")
            bench.runner.script("base", .passes("x"), .fails)
            let shaky = try await bench.run(stack)
            #expect(shaky.tale == ["base first passed", "base confirm failed"] && shaky.transitions.isEmpty)
            #expect(try shaky.job("base").flaky && shaky.job("base").verdict == .suspected)
            #expect(try await bench.history.reader.jobs.knowledge(of: stack.jobs).lastKnownGood.isEmpty)
            try await bench.commit("base", "3")
            bench.runner.script("base", .passes("y"), .breaks)
            let unsure = try await bench.run(stack)
            #expect(try unsure.job("base").verdict == .suspected && unsure.transitions.isEmpty)
            try await bench.commit("base", "4")
            bench.runner.script("base", .passes("z"))
            let green = try await bench.run(stack)
            #expect(
                green.tale == ["base first passed", "base confirm passed"] && green.wouldTell.map(\.kind) == [.healed])
            #expect(green.transitions.first?.episode == red.transitions.first?.episode)
            #expect(try green.job("base").verdict == .passing)
        }
    }

    @Test func `a confirming build that installs a different tree is noted, and the stored one stays`() async throws {
        try await EngineFixture.with { bench in
            try await bench.commit("base")
            let stack = try bench.stack([bench.project("base")])
            bench.runner.script("base", .fails)
            _ = try await bench.run(stack)
            try await bench.commit("base", "2")
            bench.runner.script("base", .passes("one"), .passes("two"))
            let run = try await bench.run(stack)
            #expect(run.attempts.map(\.unreproducible) == [false, true])
            #expect(run.attempts.map(\.detail) == [nil, "the installed tree differs from the first install: out"])
            let key = try #require(try run.job("base").planned.key)
            let kept = try String(contentsOfFile: bench.state.prefix(of: "base", key: key) + "/out", encoding: .utf8)
            #expect(kept == "one" && PrefixStore(state: bench.state).stored().map(\.key) == [key])
        }
    }

    @Test(arguments: [1, 3]) func `no more attempts run at a time than the limit says`(jobs: Int) async throws {
        try await EngineFixture.with { bench in
            let names = (1...6).map { "p\($0)" }
            for name in names {
                try await bench.commit(name)
                bench.runner.script(name, .hangs)
            }
            let (stop, stack) = (StopSignal(), try bench.stack(names.map { bench.project($0) }, jobs: jobs))
            async let ended: Swift.Result<RunRecord, any Error> = Swift.Result(catchingAsync: {
                try await bench.run(stack, stop: stop)
            })
            try await eventually { bench.runner.hanging == jobs }
            stop.raise()
            guard case .failure(let error) = await ended else { throw Unexpected() }
            #expect((error as? EngineError)?.code == .interrupted && bench.runner.mostAtOnce == jobs)
            let runs = try await bench.history.reader.runs.newest(limit: 1)
            #expect(runs[0].state == .interrupted && bench.runner.orders.count == jobs)
            #expect(try await bench.history.reader.builds.runningAttempts().isEmpty)
        }
    }

    @Test func `results of pinned revisions are recorded but not judged`() async throws {
        try await EngineFixture.with { bench in
            let old = try await bench.commit("base")
            let stack = try bench.stack([bench.project("base")])
            bench.runner.script("base", .fails)
            var request = RunRequest()
            request.overrides.revisions = ["base": old]
            let run = try await bench.run(stack, request)
            #expect(!run.start.judged && run.transitions.isEmpty && run.wouldTell.isEmpty && run.attempts.count == 2)
            #expect(
                try await bench.history.reader.jobs.overview().values.allSatisfy { $0.verdict == .unknown })
        }
    }

    @Test func `a clock that jumps back loses no verdict and no last known good`() async throws {
        try await EngineFixture.with { bench in
            try await bench.commit("base")
            let stack = try bench.stack([bench.project("base")])
            let job = JobID(project: "base", variant: "local", lane: .head)
            _ = try await bench.run(stack, at: 2_000)
            bench.runner.script("base", .fails)
            try await bench.commit("base", "2")
            let red = try await bench.run(stack, at: 1_000)
            #expect(try red.job("base").verdict == .suspected)
            #expect(try await bench.history.reader.jobs.overview()[job]?.verdict == .suspected)
            bench.runner.script("base", .passes("x"))
            try await bench.commit("base", "3")
            let green = try await bench.run(stack, at: 1_100)
            #expect(try green.job("base").verdict == .passing && green.transitions.map(\.from) == [.suspected])
            #expect(try await bench.history.reader.jobs.overview()[job]?.verdict == .passing)
            #expect(try await bench.run(stack, at: 900).attempts.isEmpty)
        }
    }

    @Test func `recovery removes what is not in history and forgets what is missing on disk`() async throws {
        try await EngineFixture.with { bench in
            for name in ["base", "left"] { try await bench.commit(name) }
            let stack = try bench.stack([bench.project("base"), bench.project("left")])
            let run = try await bench.run(stack)
            let (kept, lost) = (
                try #require(try run.job("base").planned.key), try #require(try run.job("left").planned.key)
            )
            let store = PrefixStore(state: bench.state)
            let torn = String(repeating: "a", count: 64)
            _ = try store.prepare(project: "base", key: torn)
            _ = try Workspace(state: bench.state).prepare("a000000000000-00000000")
            store.remove(project: "left", key: lost)
            try await bench.engine(stack).recover()
            #expect(store.stored().map(\.key) == [kept] && bench.runner.sweeps == 1)
            #expect(Workspace(state: bench.state).leftovers(keeping: []).isEmpty)
            #expect(try await bench.history.reader.builds.storedPrefixes() == [kept])
            #expect(try await bench.run(stack).tale == ["left first passed"])
        }
    }

    struct Unexpected: Error {}
}

extension Swift.Result where Failure == any Error {
    init(catchingAsync body: () async throws -> Success) async {
        do { self = .success(try await body()) } catch { self = .failure(error) }
    }
}
