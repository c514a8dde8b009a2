// SPDX-License-Identifier: Apache-2.0

import CanaryBisection
import CanaryHistory
import CanaryJudge
import CanaryModel
import CanaryRunner
import CanaryTestSupport
import Testing

@testable import CanaryEngine

@Suite("Automatic search") struct AutomaticSearchTests {
    private let job = JobID(project: "base", variant: "local", lane: .head)

    /// A job that has failed since the second of three new commits, an hour after a pass; the commits.
    private func redden(_ fixture: EngineFixture, _ stack: Stack) async throws -> [String] {
        _ = try await fixture.run(stack, at: 0)
        var commits: [String] = []
        for number in 2...4 { commits.append(try await fixture.commit("base", "\(number)")) }
        let bad = Set(commits.dropFirst())
        fixture.runner.decide("base") { bad.contains($0.revision) ? .fails : .passes("base") }
        _ = try await fixture.run(stack, at: 3600)
        return commits
    }

    private func search(_ fixture: EngineFixture, _ stack: Stack, at second: Double) -> AutomaticSearch {
        let (_, events) = AsyncStream.makeStream(of: SearchEvent.self, bufferingPolicy: .bufferingNewest(1))
        return AutomaticSearch(engine: fixture.engine(stack, at: second), stop: StopSignal(), events: events)
    }

    private func culprit(_ fixture: EngineFixture) async throws -> EpisodeCulprit? {
        try await fixture.history.reader.jobs.overview()[job]?.episode?.culprit
    }

    @Test func `a commit is known at once, and confirmed by a later run, an hour later at the earliest`() async throws {
        try await EngineFixture.with { fixture in
            try await fixture.commit("base", "1")
            let stack = try fixture.stack([fixture.project("base")])
            let commits = try await redden(fixture, stack)
            let found = try #require(try await search(fixture, stack, at: 3700).search(job)?.finding)
            #expect(try await fixture.engine(stack, at: 3700).record(found, notifies: false))
            let known = try #require(try await culprit(fixture))
            #expect(known.commit.revision == commits[1] && known.confidence > 0.9 && !known.isConfirmed)
            let soon = search(fixture, stack, at: 3800)
            #expect(try await soon.openJobs().isEmpty, "it is found, and not to be confirmed yet")
            let night = search(fixture, stack, at: 90_000)
            #expect(try await night.jobsToConfirm() == [job])
            let proven = try #require(try await night.search(job)?.finding)
            #expect(try await fixture.engine(stack, at: 90_000).record(proven, notifies: false))
            #expect(try await culprit(fixture)?.isConfirmed == true)
            let judge = try await fixture.history.reader.decisions.judgeState()
            #expect(judge.states[job]?.episode?.culprit?.revision == commits[1])
            #expect(try await search(fixture, stack, at: 200_000).openJobs().isEmpty)
        }
    }

    @Test func `what a search found out is not recorded in a later episode`() async throws {
        try await EngineFixture.with { fixture in
            try await fixture.commit("base", "1")
            let stack = try fixture.stack([fixture.project("base")])
            _ = try await redden(fixture, stack)
            let late = try #require(try await search(fixture, stack, at: 3700).search(job)?.finding)
            fixture.runner.decide("base") { _ in .passes("base") }
            try await fixture.commit("base", "5")
            _ = try await fixture.run(stack, at: 7200)
            fixture.runner.decide("base") { _ in .fails }
            try await fixture.commit("base", "6")
            _ = try await fixture.run(stack, at: 10_800)
            #expect(try await fixture.engine(stack, at: 10_900).record(late, notifies: false) == false)
            #expect(try await culprit(fixture) == nil)
        }
    }

    @Test func `an answer without a commit is asked again after a day`() async throws {
        try await EngineFixture.with { fixture in
            try await fixture.commit("base", "1")
            let stack = try fixture.stack([fixture.project("base")])
            let commits = try await redden(fixture, stack)
            fixture.runner.decide("base") { _ in .passes("base") }
            let first = try #require(try await search(fixture, stack, at: 3700).search(job))
            #expect(first.chain.last?.search.verdict?.kind == .flake)
            #expect(try await search(fixture, stack, at: 7200).search(job) == nil)
            let bad = Set(commits.dropFirst())
            fixture.runner.decide("base") { bad.contains($0.revision) ? .fails : .passes("base") }
            let second = try #require(try await search(fixture, stack, at: 95_000).search(job))
            #expect(second.finding?.culprit?.commit.revision == commits[1])
        }
    }
}
