// SPDX-License-Identifier: Apache-2.0

import CanaryJudge
import CanaryModel
import CanaryTestSupport
import Foundation
import GRDB
import Synchronization
import Testing

@testable import CanaryHistory

@Suite("A long history")
struct ScaleTests {
    private static let projects = (0..<50).map { "p\($0)" }
    private static let jobs = projects.flatMap { project in
        ["vfx2025", "vfx2026"].flatMap { [job(project, variant: $0), job(project, variant: $0, lane: .release)] }
    }

    /// As many runs of 200 jobs and as many attempts, written straight into the tables.
    private func fill(_ history: History, runs: Int) async throws {
        let upstreams = Dictionary(uniqueKeysWithValues: (0..<8).map { ("u\($0)", source("u\($0)")) })
        for number in 0..<runs {
            try await history.recorder.begin(start("r\(number)", at: minute(number)))
            let jobs = Self.jobs.enumerated().map { index, job in
                let failed = (number + index) % 7 == 0
                return RunJob(
                    planned: plan(
                        job, key: "key-\(job)-\(number)", Decided(upstreams: upstreams),
                        failed ? compilerError : .passed), verdict: .passing)
            }
            try await history.recorder.record(jobs, of: "r\(number)")
            try await history.access.write { try Self.attempts(of: number, $0) }
            try await history.recorder.finishRun("r\(number)", at: minute(number))
        }
        try await history.access.write { try $0.execute(sql: "ANALYZE") }
    }

    private static func attempts(of run: Int, _ connection: Database) throws {
        let row = try #require(try connection.row("SELECT seq FROM runs WHERE id = ?", ["r\(run)"]))
        for job in jobs {
            try connection.perform(
                """
                INSERT INTO builds (key, format, project, source, recipe, environment, variant, partial)
                VALUES (?, 1, ?, 1, 'recipe', 'env', ?, 0)
                """, ["key-\(job)-\(run)", job.project, job.variant])
            try connection.perform(
                """
                INSERT INTO attempts (id, build, project, variant, run, purpose, state, started_at, finished_at,
                    driver_pid, driver_started_at, result, unreproducible)
                VALUES (?, ?, ?, ?, ?, 'first', 'finished', 0, 60000, 1, '', 'passed', 0)
                """,
                ["a-\(job)-\(run)", connection.lastInsertedRowID, job.project, job.variant, row["seq"] as Int64])
        }
    }

    /// What SQLite is asked while `body` runs, with the values filled in.
    private func questions(to history: History, _ body: () async throws -> Void) async throws -> Set<String> {
        let asked = Mutex<Set<String>>([])
        try await history.access.write { connection in
            connection.trace(options: .statement) { event in asked.withLock { _ = $0.insert(event.expandedDescription) }
            }
        }
        try await body()
        try await history.access.write { $0.trace(options: []) }
        return asked.withLock { $0.filter { $0.hasPrefix("SELECT") || $0.hasPrefix("WITH") } }
    }

    /// All that the verbs ask.
    private func askAll(_ history: History, run: String, job: JobID, key: String) async throws {
        let attempt = "a-\(job)-0"
        _ = try await history.reader.runs.run(run)
        _ = try await history.reader.runs.newest(limit: 20)
        _ = try await history.reader.runs.latest()
        _ = try await history.reader.lastChange()
        _ = try await history.reader.builds.attempt(attempt)
        _ = try await history.reader.builds.runningAttempts()
        _ = try await history.reader.builds.build(key)
        for id in [run, attempt, key, "nothing"] { _ = try await history.reader.kind(of: id) }
        _ = try await history.reader.jobs.overview()
        _ = try await history.reader.jobs.outline()
        _ = try await history.reader.jobs.clusters()
        _ = try await history.reader.jobs.strips(of: Self.jobs, limit: 30)
        _ = try await history.reader.runs.greenRun(of: "vfx2026")
        _ = try await history.reader.decisions.learnedAges()
        _ = try await history.reader.jobs.lastKnownGood(of: job)
        _ = try await history.reader.jobs.history(of: job, limit: 20)
        _ = try await history.reader.builds.builds(of: run)
        _ = try await history.reader.builds.storedPrefix(of: key)
        _ = try await history.reader.builds.storedPrefixes()
        _ = try await history.reader.jobs.knowledge(of: Self.jobs)
        _ = try await history.reader.retention.records(of: Self.jobs, attempts: [attempt])
    }

    @Test func `is asked through indexes, never from end to end`() async throws {
        let history = try History.inMemory(stack: "aswf")
        try await fill(history, runs: 20)
        let job = Self.jobs[7]
        let asked = try await questions(to: history) {
            try await askAll(history, run: "r7", job: job, key: "key-\(job)-7")
        }
        #expect(asked.count > 25)
        for sql in asked {
            let steps = try await history.access.reading.read { connection in
                try Row.fetchAll(connection, sql: "EXPLAIN QUERY PLAN " + sql).map { $0["detail"] as String }
            }
            let sorts = steps.contains { $0.contains("TEMP B-TREE FOR") }
            #expect(!sorts || !sql.contains("LIMIT"), "sorts all to take a few: \(steps) for \(sql)")
            // What grows with the number of jobs, not with time, may be read whole; so may runs, newest first, until
            // one is found.
            let small = [
                "json_each", "e VIRTUAL", "n VIRTUAL", "p USING", "w", "s", "(subquery-2)", "ends", "house",
                "runs USING INDEX", "r USING INDEX", "green", "a USING INDEX attempts_running",
                "prefixes USING INDEX prefixes_stored", "named", "n", "a", "c", "present", "judge_memories",
                "judge_board", "standings",
            ]
            let scans = steps.filter { $0.hasPrefix("SCAN ") }.map { String($0.dropFirst(5)) }
            #expect(
                scans.allSatisfy { scan in small.contains { scan == $0 || scan.hasPrefix($0 + " ") } },
                "\(steps) for \(sql)")
        }
    }

    @Test func `of 20 000 attempts answers at once`() async throws {
        let history = try History.inMemory(stack: "aswf")
        let clock = ContinuousClock()
        let filled = try await clock.measure { try await fill(history, runs: 100) }
        let known = try await clock.measure { _ = try await history.reader.jobs.knowledge(of: Self.jobs) }
        let again = try await clock.measure { _ = try await history.reader.jobs.knowledge(of: Self.jobs) }
        let seen = try await clock.measure { _ = try await history.reader.jobs.overview() }
        print("20 000 attempts: filled \(filled), knowledge \(known), again \(again), overview \(seen)")
        #expect(try await history.reader.jobs.knowledge(of: Self.jobs).lastKnownGood.count == Self.jobs.count)
    }

    @Test func `grows by commits that reach the disk`() async throws {
        let folder = TemporaryFolder()
        let history = try History.open(path: folder.database, stack: "aswf")
        let clock = ContinuousClock()
        for mode in ["FULL", "NORMAL"] {
            try await history.setSynchronous(mode)
            let taken = try await clock.measure {
                for index in 0..<50 { try await history.recorder.begin(start("\(mode)\(index)")) }
            }
            print("one small commit, synchronous \(mode): \(taken / 50)")
        }
        #expect(try await history.reader.runs.newest(limit: 200).count == 100)
    }
}

extension History {
    /// Outside of a transaction, where alone the mode can change.
    fileprivate func setSynchronous(_ mode: String) async throws {
        try await access.database.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = \(mode)") }
    }
}
