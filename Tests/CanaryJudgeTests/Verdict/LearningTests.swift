// SPDX-License-Identifier: Apache-2.0

import CanaryJudge
import CanaryTestSupport
import CanaryText
import Foundation
import Testing

@testable import CanaryModel

@Suite("What is learned about jobs") struct LearningTests {
    private func record(_ runs: String) -> FlakeRecord {
        var record = FlakeRecord()
        runs.forEach { record.add(flaky: $0 == "f") }
        return record
    }

    @Test func `the flake rate starts at 1 in 31 and follows the runs`() {
        #expect(FlakeRecord().rate == 1.0 / 31)
        #expect(record("f.........").rate == 2.0 / 41)
    }

    @Test func `only the last 400 runs count`() {
        let record = record(String(repeating: "f", count: 50) + String(repeating: ".", count: 400))
        #expect(record.counts == (0, 400) && record.rate == 1.0 / 431)
    }

    @Test func `flaky in 3 of the last 10 or in a fifth of all earns the label`() {
        #expect(!record("f........f").isFlapping)
        #expect(record("ff.......f").isFlapping)
        #expect(!record("fff..........").isFlapping)
        let often = String(repeating: "f...", count: 80)
        #expect(record(often).rate > 0.2 && record(often).isFlapping)
    }

    @Test func `the label moves lines to the weekly digest, and hides none`() throws {
        let story = try Story("0 usd h P\n1 usd h FP\n2 usd h FP\n3 usd h FP\n4 usd h P")
        #expect(story.replay().sent.map(\.event.isWeekly) == [false, false, true])
    }

    @Test func `what happens within an episode teaches nothing about flakes`() {
        var state = JobJudgeState()
        let ends: [Evidence] = [.pass, .flaky, .fail, .flaky, .flaky, .pass]
        for (index, evidence) in ends.enumerated() {
            let inputs = Inputs(at: hour(Double(index)), inputsHash: "h")
            _ = state.take(
                JobObservation(run: "\(index)", job: PlanScenario.id("usd"), inputs: inputs, evidence: evidence),
                by: PageRule(Policy()))
        }
        #expect(state.flakes.counts == (1, 2))
    }

    // MARK: - Cadence

    @Test func `the cadence is the median gap`() {
        #expect(Cadence.medianGap(of: []) == nil)
        #expect(Cadence.medianGap(of: [hour(0)]) == nil)
        #expect(Cadence.medianGap(of: [hour(5), hour(0), hour(1)]) == 2.5 * 3600)
        #expect(Cadence.medianGap(of: [hour(0), hour(1), hour(2), hour(50)]) == 3600)
    }

    @Test func `the period of a schedule is the gap between most of its instants`() throws {
        #expect(Cadence.period(of: try CronSchedule("0 3 * * *"), after: hour(0)) == 24 * 3600)
        #expect(Cadence.period(of: try CronSchedule("0 3 * * 1-5"), after: hour(0)) == 24 * 3600)
        #expect(Cadence.period(of: try CronSchedule("*/15 * * * *"), after: hour(0)) == 900)
    }

    @Test func `two periods without a finished run are silence`() throws {
        let nightly = try CronSchedule("0 3 * * *")
        let last = try #require(Date(rfc3339: "2026-11-21T03:00:00Z"))
        #expect(!Cadence.isSilent(since: last, on: nightly, at: last + 47 * 3600))
        #expect(Cadence.isSilent(since: last, on: nightly, at: last + 48 * 3600))
        #expect(!Cadence.isSilent(since: last, on: nightly, at: last - 3600), "the clock was set back")
    }

    // MARK: - Lanes

    @Test func `the lanes together say where a breakage comes from`() {
        #expect(LaneEvidence([.head: true, .release: false, .platform: false]) == .upstreamSinceRelease)
        #expect(LaneEvidence([.head: true, .release: false]) == .upstreamSinceRelease)
        #expect(LaneEvidence([.head: true, .release: true, .platform: false]) == .releasedUpstream)
        #expect(LaneEvidence([.head: false, .release: true, .platform: false]) == .releasedUpstream)
        #expect(LaneEvidence([.head: true, .release: true, .platform: true]) == .ownOrImage)
        #expect(LaneEvidence([.head: true]) == nil && LaneEvidence([:]) == nil)
        #expect(LaneEvidence([.head: false, .release: false]) == nil)
        #expect(LaneEvidence([.head: true, .release: false, .platform: true]) == nil)
        #expect(LaneEvidence.ownOrImage.sentence.contains("image"))
    }
}
