// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import Foundation
import GRDB
import Testing

@testable import CanaryHistory

@Suite("Tests of builds")
struct TestRecordTests {
    let history: History
    private let imath = job("imath")

    init() throws { history = try History.inMemory(stack: "aswf") }

    private func report(_ words: String) -> TestReport {
        TestReport(
            words.split(separator: " ").map { word in
                let result: TestResult =
                    switch word.last {
                    case "!": .failed
                    case "?": .skipped
                    default: .passed
                    }
                let name = String(result == .passed ? word : word.dropLast())
                return TestRun(name: name, result: result, milliseconds: name.count)
            })
    }

    /// One judged run, in which `key` is built by attempts that report `tests`, one after the other; nil reports none.
    private func run(
        _ run: String, _ key: String, minute at: Int, _ outcome: Outcome = .passed, judged: Bool = true,
        tests: [String?]
    ) async throws {
        try await history.recorder.begin(start(run, at: minute(at), judged: judged))
        for (index, words) in tests.enumerated() {
            let id = "a-\(run)-\(index)"
            try await history.recorder.begin(opened(id, at: minute(at)), of: build(key), in: run)
            let end = AttemptFinish(
                finishedAt: minute(at), outcome: index == tests.count - 1 ? outcome : compilerError,
                tests: words.map(report))
            _ = try await history.recorder.finish(id, with: end)
        }
        try await history.recorder.record([ended(imath, outcome, key: key)], of: run)
        try await history.recorder.finishRun(run, at: minute(at + 1))
    }

    private func tests(in run: String) async throws -> JobTests? {
        try await history.reader.tests.jobTests(in: run)[imath]
    }

    private func count(_ table: String) async throws -> Int? {
        try await history.access.reading.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM \(table)") }
    }

    @Test func `are read as they were reported, and share their names`() async throws {
        try await run("r1", "k1", minute: 0, tests: ["a b! c?", "a b c?"])
        #expect(try await history.reader.tests.report(of: "a-r1-0") == report("a b! c?"))
        let counts = try await history.reader.tests.counts(of: ["a-r1-0", "a-r1-1"])
        #expect(counts["a-r1-0"] == TestCounts(ran: 2, failed: 1, skipped: 1))
        #expect(counts["a-r1-1"] == TestCounts(ran: 2, failed: 0, skipped: 1))
        #expect(try await history.reader.tests.result(of: "b", in: "a-r1-0") == .failed)
        #expect(try await history.reader.tests.result(of: "z", in: "a-r1-0") == nil)
        #expect(try await history.reader.tests.names(of: "imath") == ["a", "b", "c"])
        #expect(try await count("test_names") == 3)
    }

    @Test func `that turn red in a green build are news once`() async throws {
        try await run("r1", "k1", minute: 0, tests: ["a! b c"])
        #expect(try await tests(in: "r1")?.note == nil, "nothing was known before")
        try await run("r2", "k2", minute: 10, tests: ["a! b! c! d!"])
        let found = try #require(try await tests(in: "r2"))
        #expect(found.note == "3 newly failing in a passed build: b, c, d")
        #expect(found.failing.count == 4 && found.before == TestCounts(ran: 3, failed: 1, skipped: 0))
        try await run("r3", "k3", minute: 20, tests: ["a! b! c! d!"])
        #expect(try await tests(in: "r3")?.note == nil)
        try await run("r4", "k4", minute: 30, judged: false, tests: ["a"])
        #expect(try await history.reader.tests.newest(of: [imath, job("none")])[imath]?.attempt == "a-r3-0")
    }

    @Test func `of a failed build are compared with the last passed one`() async throws {
        try await run("r1", "k1", minute: 0, tests: ["a! b"])
        try await run("r2", "k2", minute: 10, compilerError, tests: ["a! b!"])
        try await run("r3", "k3", minute: 20, compilerError, tests: ["a! b!"])
        #expect(try await tests(in: "r3")?.note == "1 newly failing in this build: b")
        try await run("r4", "k4", minute: 30, compilerError, tests: [nil])
        #expect(try await tests(in: "r4") == nil, "it failed before its tests")
    }

    @Test func `are news when none is left`() async throws {
        try await run("r1", "k1", minute: 0, tests: ["a b c?"])
        try await run("r2", "k2", minute: 10, tests: [nil])
        #expect(try await tests(in: "r2")?.note == "no test is reported; the passed build before it ran 2")
        try await run("r3", "k3", minute: 20, tests: [nil])
        #expect(try await tests(in: "r3") == nil, "and then no longer")
    }

    @Test func `fail by accident where they pass on the same inputs`() async throws {
        try await run("r1", "k1", minute: 0, tests: ["a! b", "a b"])
        try await run("r2", "k2", minute: 10, tests: ["a b"])
        try await run("r3", "k3", minute: 20, compilerError, tests: ["a b!", "a? b!"])
        let wrong = Outcome.ended(in: .inspect, reason: .inspectWrongUpstream)
        try await run("r4", "k1", minute: 30, wrong, tests: ["a! b!"])
        let found = try await history.reader.tests.reliability(of: imath)
        #expect(found.map(\.name) == ["a", "b"])
        #expect(found[0].ran == 4 && found[0].failed == 1 && found[0].flakes == 1 && found[0].flakeRate == 0.25)
        #expect(found[0].lastResult == .skipped && found[0].lastAttempt == "a-r3-1")
        #expect(found[1].ran == 5 && found[1].failed == 2 && found[1].flakes == 0 && found[1].lastResult == .failed)
        #expect(try await history.reader.tests.reliability(of: job("imath", lane: .release)) == [])
    }

    @Test func `have ends between which they broke`() async throws {
        try await run("r1", "k1", minute: 0, tests: ["a"])
        try await run("r2", "k2", minute: 10, tests: ["a!", "a"])
        try await run("r3", "k3", minute: 20, judged: false, tests: ["a"])
        try await run("r4", "k4", minute: 30, tests: ["a!"])
        try await run("r5", "k5", minute: 40, tests: ["a?"])
        try await run("r6", "k6", minute: 50, tests: ["a!", "a!"])
        let ends = try await history.reader.tests.ends(of: "a", in: imath)
        #expect(ends.good?.run == "r2" && ends.bad?.run == "r4")
        let none = try await history.reader.tests.ends(of: "z", in: imath)
        #expect(none.good == nil && none.bad == nil)
    }

    @Test func `are forgotten when they are old and nothing needs them, but for their counts`() async throws {
        try await run("r1", "k1", minute: 0, tests: ["a old"])
        try await run("r2", "k2", minute: 10, tests: ["a b!"])
        try await run("r3", "k3", minute: 20, tests: ["a b!"])
        let old = try await history.reader.retention.unneededTests(keeping: ["k2"], endedBefore: minute(15))
        #expect(old == ["a-r1-0"])
        try await history.recorder.retention.forgetTests(of: old) { true }
        #expect(try await history.reader.tests.report(of: "a-r1-0")?.tests.count == 2, "stopped")
        try await history.recorder.retention.forgetTests(of: old) { false }
        #expect(try await history.reader.tests.report(of: "a-r1-0") == TestReport([]))
        #expect(try await history.reader.tests.counts(of: old)["a-r1-0"] == TestCounts(ran: 2, failed: 0, skipped: 0))
        #expect(try await history.reader.tests.names(of: "imath") == ["a", "b"])
        #expect(try await tests(in: "r2")?.note == nil, "nothing is known of the tests before")
        #expect(try await history.reader.retention.unneededTests(keeping: [], endedBefore: minute(5)) == [])
    }

    @Test(arguments: [
        "UPDATE test_reports SET ran = 9", "DELETE FROM test_reports", "UPDATE test_names SET name = 'x'",
        "UPDATE test_results SET result = 'passed'", "DELETE FROM test_names",
    ])
    func `never change`(_ sql: String) async throws {
        try await run("r1", "k1", minute: 0, tests: ["a b!"])
        #expect(await code { try await history.access.write { try $0.execute(sql: sql) } } == .contradiction)
    }

    @Test func `of a large project are written and read in a moment`() async throws {
        let names = (0..<20_000).map { TestRun(name: "suite.test_number_\($0)", result: .passed, milliseconds: $0) }
        try await history.recorder.begin(start("r1"))
        for id in ["a1", "a2"] {
            try await history.recorder.begin(opened(id), of: build("k\(id)"), in: "r1")
            let end = AttemptFinish(finishedAt: minute(2), outcome: .passed, tests: TestReport(names))
            _ = try await history.recorder.finish(id, with: end)
        }
        #expect(try await history.reader.tests.report(of: "a2")?.tests.count == 20_000)
        #expect(try await count("test_names") == 20_000)
    }
}
