// SPDX-License-Identifier: Apache-2.0

import CanaryJudge
import CanaryTestSupport
import Foundation
import Testing

@testable import CanaryModel

@Suite("A job's verdict") struct StateMachineTests {
    /// Passes at hour 0, fails from hour 1 on with a new head each hour, and is paged at 19.
    private func broken() throws -> Story {
        var story = try Story("0 usd h0 P")
        for hour in 1...19 { try story.add("\(hour) usd h\(hour) F") }
        return story
    }

    @Test func `a first attempt that passes is one build and is not reported`() throws {
        let replay = try Story("0 usd h0 P\n1 usd h1 PF").replay()
        #expect(replay.sent.isEmpty && replay.attempts == 2)
    }

    @Test func `a failure that passes on the same inputs is flaky, one digest line each time`() throws {
        let story = try Story("0 usd h0 P\n1 usd h1 FP\n2 usd h2 FP\n3 usd h3 FP\n4 usd h4 P")
        #expect(story.reported() == ["1 flaky usd", "2 flaky usd", "3 flaky usd"])
        #expect(story.replay().attempts == 8)
    }

    @Test func `a job that is not known can be flaky without getting a verdict`() throws {
        #expect(try Story("0 usd h0 FP\n1 usd h1 F").reported() == ["0 flaky usd", "1 suspected usd"])
    }

    @Test func `the policy decides the number of reruns`() throws {
        let story = try Story("0 usd h0 P\n1 usd h1 FFFP")
        #expect(story.reported() == ["1 suspected usd"])
        #expect(story.reported(Policy(reruns: 3)) == ["1 flaky usd"])
        #expect(story.replay(Policy(reruns: 3)).attempts == 5)
        #expect(story.replay(Policy(reruns: 0)).attempts == 2)
    }

    @Test func `an infrastructure error is not evidence, whatever the verdict`() throws {
        #expect(try Story("0 usd h0 E\n1 usd h1 P\n2 usd h2 E\n3 usd h3 EF").reported() == [])
        let story = try Story("0 usd h0 P\n1 usd h1 F\n2 usd h2 E\n3 usd h3 E\n50 usd h3 F")
        #expect(story.reported() == ["1 suspected usd", "50 page usd"])
    }

    @Test func `an infrastructure error in the rerun leaves the first failure standing`() throws {
        #expect(try Story("0 usd h0 P\n1 usd h1 FE").reported() == ["1 suspected usd"])
    }

    @Test func `a suspected job that passes twice on the same inputs has healed`() throws {
        let story = try Story("0 usd h0 P\n1 usd h1 F\n2 usd h2 P")
        #expect(story.reported() == ["1 suspected usd", "2 healed usd"])
        #expect(story.replay().attempts == 1 + 2 + 2)
    }

    @Test func `an unconfirmed pass closes nothing and resets no age`() throws {
        var story = try Story("0 usd h0 P\n1 usd h1 F\n2 usd h2 PF")
        try story.add(3...18, "usd h3 PF")
        try story.add("19 usd h3 F\n20 usd h4 F")
        #expect(story.reported() == ["1 suspected usd", "20 page usd"], "h3 passed in the previous run")
    }

    @Test func `a flaky run changes nothing while suspected or broken, and is not reported`() throws {
        var story = try broken()
        try story.add("5.5 usd h5 FP\n20 usd h20 FP\n21 usd h21 F")
        #expect(story.reported() == ["1 suspected usd", "19 page usd"])
    }

    @Test func `a broken job pages once, and recovers by two passes on the same inputs`() throws {
        var story = try broken()
        try story.add("20 usd h20 F\n60 usd h60 F\n61 usd h61 PF\n62 usd h62 P\n63 usd h63 P")
        #expect(story.reported() == ["1 suspected usd", "19 page usd", "62 recovered usd"])
        #expect(story.replay().sent.last?.event.since == hour(1))
    }

    @Test func `a broken job is not rerun, because both results mean the same`() throws {
        var story = try broken()
        let before = story.replay().attempts
        #expect(before == 1 + 19 * 2 + 1, "the control is a build too")
        try story.add("20 usd h20 F\n21 usd h21 FP")
        #expect(story.replay().attempts == before + 2)
    }

    @Test func `a job that has never passed is in the digest and does not page`() throws {
        var story = try Story("")
        for hour in 0...90 { try story.add("\(hour) usd h\(hour) F") }
        #expect(story.reported() == ["0 suspected usd"])
        try story.add("91 usd h91 P\n92 usd h92 F")
        try story.add(93...110, "usd h93 F")
        #expect(story.reported() == ["0 suspected usd", "91 healed usd", "92 suspected usd", "110 page usd"])
    }

    @Test func `a job that breaks again is reported again`() throws {
        var story = try broken()
        try story.add("20 usd h20 P\n21 usd h21 F")
        try story.add(22...40, "usd h22 F")
        #expect(
            story.reported() == [
                "1 suspected usd", "19 page usd", "20 recovered usd", "21 suspected usd", "39 page usd",
            ])
    }

    // MARK: - What a trace does not say

    private static let job = PlanScenario.id("usd")
    private static let rule = PageRule(Policy())

    private func observation(
        _ at: Double, _ evidence: Evidence, _ head: String = "h", fingerprint: String? = nil, onFallback: Bool = false,
        expected: String? = nil
    ) -> JobObservation {
        JobObservation(
            run: "r\(at)", job: Self.job, inputs: Inputs(at: hour(at), inputsHash: head), evidence: evidence,
            fingerprint: fingerprint, onFallback: onFallback, expectedIssue: expected)
    }

    /// Applies the observation; every build that is required ends with `answer`.
    private func news(
        _ state: inout JobJudgeState, _ observation: JobObservation, answer: Evidence = .pass
    ) -> [JobJudgeState.News] {
        var answers = Answers()
        while let purpose = state.owes(for: observation, given: answers, by: Self.rule) {
            answers.add(answer, to: purpose)
        }
        return state.take(observation, given: answers, by: Self.rule)
    }

    private func brokenState() -> JobJudgeState {
        var state = JobJudgeState()
        #expect(news(&state, observation(0, .pass)) == [])
        #expect(news(&state, observation(1, .fail, "h1", fingerprint: "a")) == [.suspected])
        #expect(news(&state, observation(19, .fail, "h2", fingerprint: "a")) == [.broken])
        return state
    }

    @Test func `another fingerprint while broken is reported once`() {
        var state = brokenState()
        #expect(news(&state, observation(20, .fail, "h3", fingerprint: "b")) == [.changed])
        #expect(news(&state, observation(21, .fail, "h4", fingerprint: "a")) == [])
        #expect(news(&state, observation(22, .fail, "h5", fingerprint: "b")) == [])
        #expect(news(&state, observation(23, .fail, "h5")) == [])
        #expect(state.episode?.fingerprints == ["a", "b"])
    }

    @Test func `a fingerprint of another form is no other failure`() {
        var state = brokenState()
        #expect(news(&state, observation(20, .fail, "h3", fingerprint: "2:b")) == [])
        #expect(news(&state, observation(21, .fail, "h4", fingerprint: "2:c")) == [.changed])
        #expect(news(&state, observation(22, .fail, "h5", fingerprint: "3:c")) == [])
    }

    @Test func `an error after failures that did not say why is no other failure`() {
        var state = JobJudgeState()
        #expect(news(&state, observation(0, .pass)) == [])
        #expect(news(&state, observation(1, .fail, "h1")) == [.suspected])
        #expect(news(&state, observation(19, .fail, "h2")) == [.broken])
        #expect(news(&state, observation(20, .fail, "h3", fingerprint: "2:a")) == [])
        #expect(news(&state, observation(21, .fail, "h4", fingerprint: "2:b")) == [.changed])
    }

    @Test func `a pass on a fallback closes no episode and asks for nothing`() {
        var state = brokenState()
        let pass = observation(20, .pass, onFallback: true)
        #expect(state.owes(for: pass, by: Self.rule) == nil)
        #expect(news(&state, pass) == [] && state.verdict == .broken)
        #expect(state.lastGood?.at == hour(20), "it is a last known good nevertheless")
    }

    @Test func `an expected failure is not reported; its unexpected pass is, once`() {
        var state = JobJudgeState()
        #expect(news(&state, observation(0, .pass)) == [])
        #expect(news(&state, observation(1, .fail, expected: "i")) == [] && state.verdict == .passing)
        #expect(news(&state, observation(2, .pass, expected: "i")) == [.unexpectedPass])
        #expect(news(&state, observation(3, .pass, expected: "i")) == [])
        #expect(news(&state, observation(4, .fail, expected: "i")) == [])
        #expect(news(&state, observation(5, .pass, expected: "i")) == [.unexpectedPass])
        #expect(news(&state, observation(6, .fail)) == [.suspected], "another error is reported")
    }

    @Test func `a run that is observed twice counts once`() {
        var state = JobJudgeState()
        _ = news(&state, observation(0, .pass))
        _ = news(&state, observation(1, .fail, "h1"))
        #expect(news(&state, observation(1, .fail, "h1")) == [] && state.episode?.failingRuns == 1)
        #expect(state.owes(for: observation(1, .pass, "h1"), by: Self.rule) == nil)
    }

    @Test func `the inputs hash covers the source trees, without ignored paths`() throws {
        func observation(_ move: (inout PlanScenario) -> Void) throws -> JobObservation {
            var scene = PlanScenario([("imath", []), ("usd", ["imath"])])
            move(&scene)
            scene.endAll(red: ["usd"])
            return try #require(JobObservation(of: scene.job("usd"), in: "r", at: hour(0), expectedIssue: "i"))
        }
        let first = try observation { _ in }
        #expect(first.evidence == .fail && first.expectedIssue == "i" && !first.onFallback)
        #expect(first.inputs.tree == "tree of usd-1" && first.inputs.upstreams == ["imath": "tree of imath-1"])
        #expect(
            try observation { $0.head("imath", "imath-2", tree: "imath-1") }.inputs.inputsHash
                == first.inputs.inputsHash)
        #expect(try observation { $0.head("imath", "imath-2") }.inputs.inputsHash != first.inputs.inputsHash)
        #expect(try observation { $0.head("usd", "usd-2") }.inputs.inputsHash != first.inputs.inputsHash)
        #expect(
            JobObservation(of: PlanScenario([("imath", [])]).job("imath"), in: "r", at: hour(0)) == nil, "not ended")
    }

    @Test func `the state survives being stored`() throws {
        let state = brokenState()
        let stored = try JSONEncoder().encode(state)
        #expect(try JSONDecoder().decode(JobJudgeState.self, from: stored) == state)
        let text = String(decoding: stored, as: UTF8.self)
        for key in ["head", "lastHead", "hasToldUnexpectedPass"] {
            #expect(text.contains("\"\(key)\":"), "older versions wrote it")
        }
    }

    @Test func `a verdict holds since the start of the run that caused it`() {
        var state = brokenState()
        #expect(state.since == hour(19) && state.episode?.openedAt == hour(1))
        #expect(news(&state, observation(30, .pass)) == [.recovered])
        #expect(state.since == hour(30) && state.episode == nil)
    }
}
