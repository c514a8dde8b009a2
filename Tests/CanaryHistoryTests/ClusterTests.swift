// SPDX-License-Identifier: Apache-2.0

import CanaryJudge
import CanaryModel
import CanaryTestSupport
import Foundation
import GRDB
import Testing

@testable import CanaryHistory

@Suite("Clusters of failures")
struct ClusterTests {
    private let history: History
    private let oiio = job("oiio")
    private let osl = job("osl", variant: "vfx2025")

    init() throws { history = try History.inMemory(stack: "aswf") }

    private func failure(_ fingerprint: String?, _ reason: ReasonCode = .buildCompiler) -> Outcome {
        .ended(in: .build, reason: reason, firstError: FirstError(text: "x"), fingerprint: fingerprint)
    }

    /// A run in which `job` fails; it becomes suspected unless it is.
    private func fail(
        _ job: JobID, minute at: Int, _ outcome: Outcome, from verdict: Verdict = .passing, judged: Bool = true
    ) async throws {
        let transition = Transition(
            run: "r\(at)", job: job, from: verdict, to: .suspected, at: minute(at), episode: "e\(at)")
        let moves = verdict == .suspected || !judged ? [] : [transition]
        try await history.live(
            "r\(at)", ended(job, outcome, verdict: .suspected), minute: at, judged: judged, moves)
    }

    private func pass(_ job: JobID, minute at: Int, from verdict: Verdict = .suspected) async throws {
        let transition = Transition(run: "r\(at)", job: job, from: verdict, to: .passing, at: minute(at))
        try await history.live("r\(at)", ended(job, .passed), minute: at, [transition])
    }

    private func clusters() async throws -> [FailureCluster] { try await history.reader.jobs.clusters() }

    @Test func `jobs that fail with one error are one cluster, since their first run that failed so`() async throws {
        for (index, job) in [oiio, osl].enumerated() { try await pass(job, minute: index, from: .unknown) }
        try await fail(oiio, minute: 10, failure("2:a"))
        try await fail(oiio, minute: 20, failure("2:a"), from: .suspected)
        #expect(try await clusters().map(\.isShared) == [false])
        try await fail(osl, minute: 30, failure("2:a"))
        let cluster = try #require(try await clusters().first)
        #expect(cluster.isShared && cluster.holds(oiio) && cluster.holds(osl))
        #expect(
            cluster.members == [
                .init(job: oiio, episode: "e10", since: minute(10)), .init(job: osl, episode: "e30", since: minute(30)),
            ])
        #expect(cluster.others(than: osl).map(\.job) == [oiio])
        #expect(cluster.among([osl]).members.map(\.job) == [osl])
        #expect(try await clusters().count == 1)
    }

    @Test func `a job belongs to the error of its newest failing run`() async throws {
        for (index, job) in [oiio, osl].enumerated() { try await pass(job, minute: index, from: .unknown) }
        try await fail(oiio, minute: 10, failure("2:a"))
        try await fail(osl, minute: 20, failure("2:a"))
        try await fail(oiio, minute: 30, failure("2:b"), from: .suspected)
        #expect(try await clusters().map(\.fingerprint) == ["2:a", "2:b"])
        let first = try #require(try await clusters().first)
        #expect(!first.holds(oiio) && first.holds(osl))
        #expect(first.others(than: osl) == [.init(job: oiio, episode: "e10", since: minute(10), until: minute(10))])
    }

    @Test func `what failed so before says until when, also of the job itself`() async throws {
        for (index, job) in [oiio, osl].enumerated() { try await pass(job, minute: index, from: .unknown) }
        for start in [10, 20] {
            try await fail(oiio, minute: start, failure("2:a"))
            try await fail(oiio, minute: start + 2, failure("2:a"), from: .suspected)
            try await pass(oiio, minute: start + 4)
        }
        #expect(try await clusters().isEmpty)
        try await fail(osl, minute: 40, failure("2:a"))
        let past = FailureCluster.Member(job: oiio, episode: "e20", since: minute(20), until: minute(22))
        #expect(try await clusters().first?.others(than: osl) == [past])
        try await fail(oiio, minute: 50, failure("2:a"))
        #expect(try await clusters().first?.others(than: oiio).map(\.job) == [osl, oiio])
        #expect(try await clusters().first?.members.map(\.until) == [nil, nil, minute(22)])
    }

    @Test func `only judged failures whose fault is a change count, and only with a fingerprint`() async throws {
        for (index, job) in [oiio, osl].enumerated() { try await pass(job, minute: index, from: .unknown) }
        try await fail(oiio, minute: 10, failure(nil))
        try await fail(oiio, minute: 11, failure("2:a"), from: .suspected, judged: false)
        try await fail(oiio, minute: 12, failure("2:a", .limitMemory), from: .suspected)
        #expect(try await clusters().isEmpty)
    }

    @Test func `a history from before is taken over`() async throws {
        for (index, job) in [oiio, osl].enumerated() { try await pass(job, minute: index, from: .unknown) }
        try await fail(oiio, minute: 10, failure("a1b2"))
        try await fail(oiio, minute: 12, failure("a1b2"), from: .suspected)
        try await pass(oiio, minute: 14)
        try await fail(osl, minute: 20, failure("a1b2"))
        try await fail(osl, minute: 22, failure(nil), from: .suspected)
        let before = try await clusters()
        try await history.access.write { connection in
            try connection.execute(sql: "DROP TABLE episode_fingerprints")
            try connection.execute(sql: String(decoding: PackageResources.episodeFingerprints_sql, as: UTF8.self))
        }
        #expect(try await clusters() == before)
        #expect(before.first?.members.map(\.until) == [nil, minute(12)])
    }

    /// As many episodes as years of 200 jobs bring, which is what the query grows with.
    @Test func `many episodes are found at once`() async throws {
        let jobs = (0..<200).map { job("p\($0)") }
        try await history.recorder.begin(start("r0"))
        try await history.access.write { connection in
            for (number, job) in (0..<20).flatMap({ _ in jobs }).enumerated() {
                let closed = number < 3800
                try connection.perform(
                    """
                    INSERT INTO episodes (id, opened_at, opened_by, closed_at, closed_by, project, variant, lane)
                    VALUES (?, ?, 1, ?, ?, ?, ?, ?)
                    """,
                    StatementArguments(["e\(number)", number, closed ? number : nil, closed ? 1 : nil] + job.columns))
                let episode = connection.lastInsertedRowID
                try connection.perform(
                    "INSERT INTO episode_fingerprints VALUES (?, ?, ?, ?)",
                    ["2:\(number % 50)", episode, number, number])
                guard !closed else { continue }
                try connection.perform(
                    """
                    INSERT INTO standings (project, variant, lane, verdict, since, episode)
                    VALUES (?, ?, ?, 'suspected', 0, ?)
                    """, StatementArguments(job.columns + [episode]))
            }
        }
        var found: [FailureCluster] = []
        let taken = try await ContinuousClock().measure { found = try await clusters() }
        print("clusters of 200 open episodes among 4000: \(taken)")
        #expect(found.count == 50)
        #expect(found.allSatisfy { $0.members.count == 4 + 4 })
    }
}
