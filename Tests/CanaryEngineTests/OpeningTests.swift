// SPDX-License-Identifier: Apache-2.0

import CanaryFiles
import CanaryHistory
import CanaryModel
import CanaryRunner
import CanaryTestSupport
import Foundation
import Synchronization
import Testing

@testable import CanaryEngine

@Suite("Identifier")
struct IdentifierTests {
    @Test func `an id has its kind, the UTC second and eight random digits`() {
        let id = Identifier.make(.run, at: Date(timeIntervalSince1970: 1_795_289_525.9))
        #expect(id.wholeMatch(of: /r261121193205-[0-9a-f]{8}/) != nil, "\(id)")
        #expect(Identifier.make(.attempt, at: .distantPast).hasPrefix("a"))
    }

    @Test func `ids are all different, of one length, and sort by time`() {
        let days = 0..<2000
        let ids = days.map {
            Identifier.make(.attempt, at: Date(timeIntervalSince1970: 1_700_000_000 + Double($0) * 86_400.5))
        }
        #expect(Set(ids).count == 2000 && Set(ids.map(\.count)) == [22] && ids.sorted() == ids)
        let now = days.map { _ in Identifier.make(.attempt, at: .distantPast) }
        #expect(Set(now).count == 2000)
    }
}

@Suite("StateHolder")
struct StateHolderTests {
    @Test func `this process is alive, and an earlier owner of its pid is not`() {
        let me = StateHolder.thisProcess()
        #expect(me.isAlive && me.startedAt.contains("-"))
        #expect(!StateHolder(pid: me.pid, startedAt: "00000000-1").isAlive)
        #expect(!StateHolder(pid: 1 << 30, startedAt: me.startedAt).isAlive)
    }
}

@Suite("StateLock")
struct StateLockTests {
    @Test func `one process holds it, a second is refused with the holder, a third waits until it is free`()
        async throws
    {
        try await EngineFixture.with { bench in
            let stop = StopSignal()
            var held: StateLock? = try await .take(bench.state, verb: "run", wait: false, stop: stop) { _ in }
            let me = "pid \(ProcessInfo.processInfo.processIdentifier) (`canary run`)"
            let error = await #expect(throws: EngineError.self) {
                _ = try await StateLock.take(bench.state, verb: "gc", wait: false, stop: stop) { _ in }
            }
            #expect(
                error?.code == .stateInUse && error?.text == "the state folder `\(bench.state.path)` is in use by \(me)"
            )
            let said = Messages()
            async let second = StateLock.take(bench.state, verb: "gc", wait: true, stop: stop) { said.hear($0) }
            try await eventually { said.words == [me] }
            withExtendedLifetime(held) {}
            held = nil
            let taken = try await second
            let text = try String(contentsOfFile: "\(bench.state.path)/driver.lock", encoding: .utf8)
            #expect(text.hasSuffix("(`canary gc`)"))
            withExtendedLifetime(taken) {}
        }
    }

    @Test func `a raised stop signal ends the wait`() async throws {
        try await EngineFixture.with { bench in
            let held = try await StateLock.take(bench.state, verb: "run", wait: false, stop: StopSignal()) { _ in }
            let (stop, said) = (StopSignal(), Messages())
            async let second = StateLock.take(bench.state, verb: "run", wait: true, stop: stop) { said.hear($0) }
            try await eventually { !said.words.isEmpty }
            stop.raise()
            do {
                _ = try await second
                Issue.record("it has the lock")
            } catch let error as EngineError { #expect(error.code == .interrupted) }
            withExtendedLifetime(held) {}
        }
    }

    @Test func `a path that cannot be a folder is named`() async {
        let error = await #expect(throws: EngineError.self) {
            _ = try await StateLock.take(
                StateFolder(path: "/dev/null/x"), verb: "run", wait: false, stop: StopSignal()
            ) { _ in }
        }
        #expect(
            error?.code == .stateFolder
                && error?.text.hasPrefix("the state folder `/dev/null/x` cannot be used: ") == true)
    }

    private final class Messages: Sendable {
        private let heard = Mutex<[String]>([])
        var words: [String] { heard.withLock { $0 } }
        func hear(_ text: String) { heard.withLock { $0.append(text) } }
    }
}

@Suite("StopSignal")
struct StopSignalTests {
    private final class Count: Sendable {
        private let value = Mutex(0)
        var now: Int { value.withLock { $0 } }
        func add() { value.withLock { $0 += 1 } }
    }

    @Test func `a handler is called once, whether the signal is raised before or during the work`() async {
        let (stop, count) = (StopSignal(), Count())
        await stop.watching({ count.add() }) {
            #expect(count.now == 0 && !stop.isRaised)
            stop.raise()
            stop.raise()
            #expect(count.now == 1 && stop.isRaised)
        }
        await stop.watching({ count.add() }) { #expect(count.now == 2) }
        #expect(count.now == 2)
    }

    @Test func `no handler is called after its work has ended`() async {
        let (stop, count) = (StopSignal(), Count())
        await stop.watching({ count.add() }) {}
        stop.raise()
        #expect(count.now == 0)
    }
}

@Suite("RunRequest")
struct RunRequestTests {
    private func stack() throws -> Stack {
        let build = VariantBuild(recipe: Recipe(stages: [], network: false))
        let project = { (name: String, upstreams: [String]) in
            Project(
                name: name, location: .repository("/x"), upstreams: upstreams.map { Upstream(project: $0) },
                builds: ["a": build, "b": build])
        }
        let graph = try ProjectGraph([
            project("base", []), project("left", ["base"]), project("top", ["left"]), project("right", []),
        ])
        let variants = [
            Variant(name: "a", image: nil, lanes: [.head, .release]), Variant(name: "b", image: nil, lanes: [.head]),
        ]
        return Stack(name: "mini", variants: variants, graph: graph)
    }

    private func names(_ change: (inout RunRequest) -> Void, failing: Set<JobID> = []) throws -> [String]? {
        var request = RunRequest()
        change(&request)
        return try request.selection(in: stack(), failing: failing).jobs?.map(\.description).sorted()
    }

    @Test func `an empty request selects everything`() throws {
        #expect(try names { _ in } == nil)
        #expect(try names { $0.lanes = [.head, .release] } == nil)
    }

    @Test func `projects, their downstreams, variants and lanes narrow it`() throws {
        #expect(
            try names {
                $0.projects = ["left"]; $0.variants = ["b"]
            } == ["left@b/head"])
        #expect(
            try names {
                $0.projects = ["left"]; $0.downstream = true; $0.variants = ["b"]
            } == ["left@b/head", "top@b/head"])
        #expect(
            try names {
                $0.lanes = [.release]; $0.projects = ["top", "right"]
            } == ["right@a/release", "top@a/release"])
        #expect(try names { $0.lanes = [.platform] } == [])
    }

    @Test func `only failed jobs, and none if none failed`() throws {
        let bad = JobID(project: "top", variant: "a", lane: .head)
        #expect(try names({ $0.failedOnly = true }, failing: [bad]) == ["top@a/head"])
        #expect(try names { $0.failedOnly = true } == [])
    }

    @Test func `unknown names are refused with the nearest one`() {
        let refused = { (change: (inout RunRequest) -> Void) in
            #expect(throws: EngineError.self) { try names(change) }
        }
        #expect(
            refused { $0.projects = ["lfet"] }?.description
                == "the stack has no project `lfet`\nhint: did you mean `left`?")
        #expect(refused { $0.variants = ["z9"] }?.code == .badRequest)
        #expect(refused { $0.overrides.revisions = ["tpo": "x"] }?.hint == "did you mean `top`?")
        #expect(refused { $0.overrides.sources = ["zzzzzzzz": "/x"] }?.hint == "known: `base`, `right`, `left`, `top`")
    }

    @Test func `only unpinned heads of whole builds are judged`() {
        var request = RunRequest()
        request.forced = true
        request.failedOnly = true
        request.projects = ["base"]
        #expect(request.isJudged)
        for change: (inout RunRequest) -> Void in [
            { $0.until = .build }, { $0.overrides.sources = ["base": "/x"] },
            { $0.overrides.revisions = ["base": "x"] },
        ] {
            var other = request
            change(&other)
            #expect(!other.isJudged)
        }
    }
}
