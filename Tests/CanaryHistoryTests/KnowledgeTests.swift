// SPDX-License-Identifier: Apache-2.0

import CanaryJudge
import CanaryModel
import Foundation
import GRDB
import Testing

@testable import CanaryHistory

@Suite("History knows")
struct KnowledgeTests {
    let history: History
    let imath = job("imath")

    init() throws { history = try History.inMemory(stack: "aswf") }

    @Test func `nothing at first`() async throws {
        let knowledge = try await history.reader.jobs.knowledge(of: [imath])
        #expect(knowledge.prefixes.isEmpty && knowledge.lastBuilds.isEmpty)
        #expect(knowledge.lastKnownGood.isEmpty && knowledge.durations.isEmpty)
        #expect(try await history.reader.lastChange() == nil)
        #expect(try await history.reader.runs.latest() == nil)
        #expect(try await history.reader.jobs.overview().isEmpty)
    }

    @Test func `stored prefixes of whole builds, until they are forgotten`() async throws {
        try await history.recorder.begin(start("r1"))
        try await history.execute("a1", build("whole"), in: "r1", tree: "t1")
        try await history.execute("a2", build("partial", partial: true), in: "r1", tree: "t2")
        try await history.execute("a3", build("red"), in: "r1", outcome: compilerError, tree: "t3")
        #expect(try await history.reader.jobs.knowledge(of: []).prefixes == ["whole": "t1"])

        try await history.execute(opened("a4", .forced), build("whole"), in: "r1", tree: "other")
        #expect(try await history.reader.jobs.knowledge(of: []).prefixes == ["whole": "t1"], "the stored one is kept")
        try await history.recorder.retention.forgetPrefixes(["whole", "never-there"])
        #expect(try await history.reader.builds.storedPrefix(of: "whole") == nil)
        #expect(try await history.reader.jobs.knowledge(of: []).prefixes.isEmpty)
        try await history.execute(opened("a5", .rerun), build("whole"), in: "r1", tree: "t9")
        #expect(try await history.reader.jobs.knowledge(of: []).prefixes == ["whole": "t9"])

        try await history.execute("a6", build("partial"), in: "r1")
        #expect(
            try await history.reader.jobs.knowledge(of: []).prefixes["partial"] == "t2",
            "a whole build of one key is whole")
    }

    @Test func `the last build, judged or not`() async throws {
        try await history.live("r1", imath, .passed, minute: 0)
        try await history.live("r2", imath, compilerError, minute: 10, judged: false)
        try await history.live("r3", imath, Outcome(result: .skipped), minute: 20)
        try await history.live("r4", imath, .ended(in: .build, reason: .environmentKilled), minute: 30)
        let last = try await history.reader.jobs.knowledge(of: [imath]).lastBuilds[imath]
        #expect(last?.run == "r2" && last?.result == .failed && last?.at == minute(10))
    }

    @Test func `the last known good with its whole vector`() async throws {
        let vector = ["fmt": source("f1"), "openexr": source("o1")]
        try await history.recorder.begin(start("r1"))
        let good = RunJob(
            planned: plan(imath, key: "k1", Decided(upstreams: vector), .passed), verdict: .passing)
        try await history.recorder.record([good], of: "r1")
        try await history.live("r2", imath, .passed, minute: 10, flaky: true)
        try await history.live("r3", imath, .passed, minute: 20, judged: false)
        try await history.live("r4", imath, compilerError, minute: 30)
        let expected = JobBuild(
            run: "r1", at: minute(0), key: "k1", source: source("r1"), upstreams: vector, recipe: "recipe",
            environment: "sha256:image", result: .passed)
        #expect(try await history.reader.jobs.knowledge(of: [imath]).lastKnownGood == [imath: expected])
        #expect(try await history.reader.jobs.lastKnownGood(of: imath) == expected)
        #expect(try await history.reader.jobs.knowledge(of: [job("fmt")]).lastKnownGood.isEmpty)
    }

    @Test func `the oldest failure after the last known good`() async throws {
        try await history.live("r0", imath, compilerError, minute: 0)
        #expect(try await history.reader.jobs.overview()[imath]?.firstKnownBad?.run == "r0")
        try await history.live("r1", imath, .passed, minute: 10)
        #expect(try await history.reader.jobs.overview()[imath]?.firstKnownBad == nil)
        try await history.live("r2", imath, compilerError, minute: 20, judged: false)
        try await history.live("r3", imath, .ended(in: .build, reason: .limitSilence), minute: 30)
        try await history.live("r4", imath, compilerError, minute: 40)
        let overview = try #require(try await history.reader.jobs.overview()[imath])
        #expect(overview.lastKnownGood?.run == "r1")
        #expect(overview.firstKnownBad?.run == "r3" && overview.firstKnownBad?.result == .timedOut)
        #expect(overview.lastResult == .failed && overview.lastRunAt == minute(40))
    }

    @Test func `a strip holds what a job's newest judged runs ended with`() async throws {
        try await history.live("r1", imath, compilerError, minute: 0)
        try await history.live("r2", imath, .passed, minute: 10, flaky: true)
        try await history.live("r3", imath, .passed, minute: 20, judged: false)
        try await history.live("r4", imath, Outcome(result: .skipped), minute: 30)
        try await history.recorder.begin(start("r5", at: minute(40)))
        try await history.recorder.record([ended(imath, nil)], of: "r5")
        for limit in [2, 30] {
            let known = try await history.reader.jobs.history(of: imath, limit: limit, judged: true)
            let strip = try #require(
                try await history.reader.jobs.strips(of: [imath, job("fmt")], limit: limit)[imath])
            #expect(strip.ends == known.map { JobStrip.End(result: $0.result, flaky: $0.flaky) })
            #expect(strip.ends.count == min(limit, 4))
            #expect(strip.detail == "imath moved")
        }
        #expect(try await history.reader.jobs.strips(of: [job("fmt")], limit: 30).isEmpty)
    }

    @Test func `an outline is the overview without what only an open episode needs`() async throws {
        let fmt = job("fmt")
        for (number, job) in [imath, fmt].enumerated() {
            try await history.live("good-\(number)", job, .passed, minute: number)
        }
        let opens = Transition(run: "bad", job: imath, from: .unknown, to: .suspected, at: minute(10), episode: "e1")
        try await history.live(
            "bad", ended(imath, compilerError), minute: 10, [opens])
        let (whole, outline) = (try await history.reader.jobs.overview(), try await history.reader.jobs.outline())
        #expect(outline[imath] == whole[imath])
        #expect(outline[imath]?.firstKnownBad?.run == "bad")
        #expect(whole[fmt]?.lastKnownGood != nil && outline[fmt]?.lastKnownGood == nil)
        #expect(outline[fmt]?.verdict == whole[fmt]?.verdict && outline[fmt]?.lastResult == .passed)
    }

    @Test func `runs by the time of their inputs, and two of one time both`() async throws {
        try await history.live("late", imath, compilerError, minute: 50)
        try await history.live("early", imath, .passed, minute: 5)
        try await history.live("twin", imath, .passed, minute: 50)
        #expect(try await history.reader.runs.newest(limit: 9).map(\.start.id) == ["twin", "late", "early"])
        #expect(try await history.reader.runs.latest() == "twin")
        #expect(try await history.reader.jobs.overview()[imath]?.lastResult == .passed)
        #expect(try await history.reader.jobs.history(of: imath, limit: 2).map(\.run) == ["twin", "late"])
    }

    @Test func `the median of the last nine passes`() async throws {
        try await history.recorder.begin(start("r1"))
        for (index, seconds) in ([900, 800] + Array(1...9)).enumerated() {
            let purpose: AttemptPurpose = index % 2 == 0 ? .first : .rerun
            try await history.execute(opened("a\(index)", purpose), build("k"), in: "r1", seconds: Double(seconds))
        }
        try await history.execute("red", build("k"), in: "r1", outcome: compilerError, seconds: 500)
        try await history.execute(opened("control", .control), build("k"), in: "r1", seconds: 500)
        try await history.execute("cut", build("k-cut", partial: true), in: "r1", seconds: 500)
        let other = job("imath", variant: "vfx2025")
        #expect(try await history.reader.jobs.knowledge(of: [imath, other]).durations == ["imath@vfx2026": 5])
    }

    @Test func `a job's history`() async throws {
        try await history.live("r1", ended(imath, .passed, key: "k1"), minute: 0)
        let entry = try #require(try await history.reader.jobs.history(of: imath, limit: 10).first)
        #expect(
            entry
                == JobHistoryEntry(
                    run: "r1", at: minute(0), judged: true, action: .build,
                    reason: DecisionReason(.headMoved, "imath moved"), result: .passed, flaky: false, revision: "r1",
                    key: "k1", verdict: .passing))
    }

    @Test func `what an id names`() async throws {
        try await history.recorder.begin(start("r1"))
        try await history.execute("a1", build("abcdef01"), in: "r1")
        try await history.execute("a2", build("abcdef02"), in: "r1")
        try await history.execute("a3", build("0123456789"), in: "r1")
        let step = Transition(run: "r1", job: imath, from: .unknown, to: .suspected, at: minute(0), episode: "e1")
        try await history.recorder.record([ended(imath, compilerError, key: "012345ab")], transitions: [step], of: "r1")
        #expect(try await history.reader.kind(of: "r1") == .run("r1"))
        #expect(try await history.reader.kind(of: "a2") == .attempt("a2"))
        #expect(try await history.reader.kind(of: "e1") == .episode("e1"))
        #expect(try await history.reader.kind(of: "012345") == .build(key: "0123456789"))
        #expect(try await history.reader.kind(of: "abcdef01") == .build(key: "abcdef01"))
        #expect(try await history.reader.kind(of: "01234") == nil)
        #expect(try await history.reader.kind(of: "r9") == nil)
        #expect(await code { _ = try await history.reader.builds.build("abcdef0") } == .ambiguous)
        #expect(await code { _ = try await history.reader.jobs.episode("e9") } == .notRecorded)
    }

    @Test func `which jobs pointed to a build`() async throws {
        for run in ["r1", "r2"] { try await history.recorder.begin(start(run, at: minute(run == "r1" ? 1 : 2))) }
        try await history.execute("a1", build("shared"), in: "r1")
        let release = job("imath", lane: .release)
        try await history.recorder.record([ended(release, .passed, key: "shared")], of: "r1")
        for run in ["r1", "r2"] { try await history.recorder.record([ended(imath, .passed, key: "shared")], of: run) }
        let uses = try #require(try await history.reader.builds.build("shared")).uses
        #expect(uses.map(\.job) == [imath, release])
        #expect(uses.map(\.run) == ["r2", "r1"])
    }

    @Test func `when it last changed`() async throws {
        let frozen = try History.inMemory(stack: "aswf", clock: { minute(0) })
        try await frozen.recorder.begin(start("r1"))
        let first = try #require(try await frozen.reader.lastChange())
        #expect(first == minute(0))
        _ = try await frozen.reader.jobs.overview()
        #expect(try await frozen.reader.lastChange() == first)
        try await frozen.recorder.finishRun("r1", at: minute(0))
        #expect(try #require(try await frozen.reader.lastChange()) > first)
    }
}
