// SPDX-License-Identifier: Apache-2.0

import CanaryJudge
import CanaryModel
import Foundation
import GRDB
import Testing

@testable import CanaryHistory

@Suite("What garbage collection must keep") struct RetentionTests {
    let history: History
    private static let imath = job("imath")
    private static let openexr = job("openexr")

    init() throws { history = try History.inMemory(stack: "aswf", clock: { minute(1000) }) }

    private func needed(_ jobs: [JobID] = [imath, openexr]) async throws -> Set<String> {
        Set(try await history.reader.retention.records(of: jobs, attempts: []).wanted.map(\.key))
    }

    private func step(_ run: String, _ job: JobID, from: Verdict, to: Verdict) -> Transition {
        Transition(run: run, job: job, from: from, to: to, at: minute(0), episode: "e-\(job.project)")
    }

    @Test func `the last known good, the newest build, the newest judged one and the newest run are needed`()
        async throws
    {
        try await history.live("r1", ended(Self.imath, .passed, key: "k1"), minute: 0)
        try await history.live("r2", ended(Self.imath, .passed, key: "k2"), minute: 10)
        try await history.live("r3", ended(Self.imath, .passed, key: "k3", flaky: true), minute: 20)
        try await history.live("r4", ended(Self.imath, .passed, key: "k4"), minute: 30, judged: false)
        try await history.live("r5", ended(Self.openexr, .passed, key: "k5"), minute: 40, judged: false)
        #expect(try await needed() == ["k2", "k3", "k4", "k5"])
        #expect(try await needed([Self.openexr]) == ["k5"], "of a job that left the stack nothing is needed")
    }

    @Test func `while an episode is open its first known bad and newest failure are needed, and their attempts`()
        async throws
    {
        try await history.live("r1", ended(Self.imath, .passed, key: "good"), minute: 0)
        for (index, key) in ["bad", "worse", "worst"].enumerated() {
            let run = "r\(index + 2)"
            try await history.recorder.begin(start(run, at: minute(10 + index)))
            try await history.execute("a-\(key)", build(key, revision: run), in: run, outcome: compilerError)
            let steps = index == 0 ? [step(run, Self.imath, from: .unknown, to: .suspected)] : []
            try await history.recorder.record([ended(Self.imath, compilerError, key: key)], transitions: steps, of: run)
            try await history.recorder.finishRun(run, at: minute(30))
        }
        #expect(try await needed() == ["good", "bad", "worst"])
        let holdings = try await history.reader.retention.records(
            of: [Self.imath], attempts: ["a-bad", "a-worse", "none"])
        #expect(holdings.evidence == ["a-bad", "a-worst"])
        #expect(holdings.attemptEnds.keys.sorted() == ["a-bad", "a-worse"])
        try await history.recorder.begin(start("r9", at: minute(90)))
        let healed = step("r9", Self.imath, from: .suspected, to: .passing)
        try await history.recorder.record([ended(Self.imath, .passed, key: "new")], transitions: [healed], of: "r9")
        try await history.recorder.finishRun("r9", at: minute(91))
        #expect(try await needed() == ["new"])
        #expect(try await history.reader.retention.records(of: [Self.imath], attempts: []).evidence.isEmpty)
    }

    @Test func `the newest run in which all heads of a variant were green is needed whole`() async throws {
        let runs: [(imath: Outcome, openexr: Outcome)] = [
            (.passed, .passed), (.passed, compilerError), (.passed, compilerError),
        ]
        for (index, ends) in runs.enumerated() {
            let run = "r\(index)"
            try await history.recorder.begin(start(run, at: minute(index * 10)))
            try await history.recorder.record(
                [
                    ended(Self.imath, ends.imath, key: "i\(index)"),
                    ended(Self.openexr, ends.openexr, key: "o\(index)"),
                ], of: run)
            try await history.recorder.finishRun(run, at: minute(index * 10 + 1))
        }
        // Without an open episode of openexr: i0 is needed by nothing but the green run.
        #expect(try await needed() == ["i0", "o0", "i2", "o2"])
        #expect(try await needed([Self.imath, Self.openexr, job("fmt")]) == ["o0", "i2", "o2"], "fmt never was green")
        let variant = job("imath", variant: "vfx2025")
        #expect(try await needed([Self.imath, variant]) == ["i2", "o2"])
    }

    @Test func `facts of builds hold the trees of upstreams that are gone`() async throws {
        try await history.recorder.begin(start("r1"))
        try await history.execute("a1", build("i1"), in: "r1", tree: "I")
        let upstream = UpstreamBuild(project: "imath", key: "i1", direct: true)
        try await history.execute("a2", build("o1", "openexr", upstreams: [upstream]), in: "r1", tree: "O")
        try await history.execute("a3", build("x1", "other"), in: "r1", tree: "X")
        try await history.recorder.retention.forgetPrefixes(["i1", "x1", "unknown"])
        let holdings = try await history.reader.retention.records(of: [], attempts: [])
        #expect(holdings.prefixes.map(\.key) == ["o1"])
        let facts = Dictionary(uniqueKeysWithValues: holdings.builds.map { ($0.key, $0) })
        #expect(facts.keys.sorted() == ["i1", "o1"])
        #expect(facts["i1"]?.tree == "I" && facts["o1"]?.upstreams == ["imath": "i1"])
        #expect(facts["i1"]?.source == "tree-of-r1" && facts["i1"]?.environment == "sha256:image")
    }

    @Test func `a prefix is used when it is made, pointed to, or built upon`() async throws {
        try await history.recorder.begin(start("r1"))
        try await history.execute("a1", build("i1"), in: "r1", tree: "I")
        try await history.execute("a2", build("i2", revision: "r2"), in: "r1", tree: "J")
        try await history.execute("a3", build("i3", revision: "r3"), in: "r1", tree: "K")
        try await history.recorder.finishRun("r1", at: minute(5))
        try await history.live("r2", ended(Self.imath, .passed, key: "i2"), minute: 20)
        try await history.recorder.begin(start("r3", at: minute(30)))
        let upstream = UpstreamBuild(project: "imath", key: "i3", direct: true)
        let downstream = build("o1", "openexr", upstreams: [upstream])
        try await history.recorder.begin(opened("a4", at: minute(40)), of: downstream, in: "r3")
        let uses = try await history.reader.retention.records(of: [], attempts: []).prefixes.map {
            ($0.key, $0.lastUsedAt)
        }
        #expect(Dictionary(uniqueKeysWithValues: uses) == ["i1": minute(2), "i2": minute(20), "i3": minute(40)])
    }

    @Test func `a log is removed once, of an attempt that ended`() async throws {
        try await history.recorder.begin(start("r1"))
        try await history.execute("a1", build("i1"), in: "r1")
        try await history.recorder.begin(opened("a2"), of: build("i1"), in: "r1")
        try await history.recorder.retention.forgetLogs(["a1", "a2", "a9"])
        #expect(try await history.reader.builds.logRemoval(of: "a1") == minute(1000))
        #expect(try await history.reader.builds.logRemoval(of: "a2") == nil)
        #expect(try await history.reader.builds.withoutLog(["a1", "a2", "a9"]) == ["a1"])
        try await history.recorder.retention.forgetLogs(["a1"])
        for sql in ["DELETE FROM removed_logs", "UPDATE removed_logs SET removed_at = 1"] {
            #expect(await code { try await history.access.write { try $0.execute(sql: sql) } } == .contradiction)
        }
        #expect(
            try await history.reader.retention.records(of: [], attempts: ["a1", "a2"]).attemptEnds == [
                "a1": minute(2), "a2": nil,
            ])
    }

    @Test func `is asked through indexes`() async throws {
        try await history.access.write { try $0.execute(sql: "ANALYZE") }
        let questions: [(String, StatementArguments)] = [
            (RetentionQueries.ends, ["[]"]), (RetentionQueries.newestRun, []),
            (RetentionQueries.green, ["v", "[]", 1]),
            (RetentionQueries.prefixes, []), (RetentionQueries.builds, ["[]"]), (RetentionQueries.upstreams, ["[]"]),
            (RetentionQueries.attemptEnds, ["[]"]), (RetentionQueries.evidence, ["[]"]),
        ]
        let small = [
            "SCAN json_each", "SCAN e VIRTUAL", "SCAN w", "SCAN p USING", "SCAN (subquery", "SCAN prefixes USING",
            "SCAN a", "SCAN n", "SCAN named", "SCAN asked", "SCAN r USING INDEX runs_by_time", "SCAN green",
        ]
        for (sql, arguments) in questions {
            let steps = try await history.access.reading.read { connection in
                try Row.fetchAll(connection, sql: "EXPLAIN QUERY PLAN " + sql, arguments: arguments)
                    .map { $0["detail"] as String }
            }
            let scans = steps.filter { $0.hasPrefix("SCAN") }
            #expect(scans.allSatisfy { scan in small.contains { scan.hasPrefix($0) } }, "\(steps)")
        }
    }
}
