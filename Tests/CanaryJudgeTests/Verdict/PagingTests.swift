// SPDX-License-Identifier: Apache-2.0

import CanaryJudge
import CanaryTestSupport
import CanaryText
import Foundation
import Testing

@testable import CanaryModel

@Suite("When a failure pages") struct PagingTests {
    /// Passes at hour 0 and fails from hour 1 on, with the head that `head` gives.
    private func red(until last: Int, every step: Int = 1, _ head: (Int) -> String) throws -> Story {
        var story = try Story("0 usd h0 P")
        for hour in stride(from: 1, through: last, by: step) { try story.add("\(hour) usd \(head(hour)) F") }
        return story
    }

    @Test func `two failing inputs and 18 h page`() throws {
        let story = try red(until: 40) { "h\($0 / 5)" }
        #expect(story.paged() == ["19 page usd"])
    }

    @Test func `one failing input, 36 h and three runs page`() throws {
        #expect(try red(until: 60) { _ in "h1" }.paged() == ["37 page usd"])
        #expect(try Story("0 usd h0 P\n1 usd h1 F\n60 usd h1 F").paged(Policy(pageAfterAge: .span(.days(9)))) == [])
    }

    @Test func `inputs of the previous run count as a failing run, but not as new inputs`() throws {
        // Inputs that passed are not counted as failing by the next run.
        let story = try Story("0 usd h0 P\n1 usd h1 F\n2 usd h2 PF\n20 usd h2 F\n37 usd h2 F")
        #expect(story.paged(Policy(pageAfterAge: .span(.hours(18)))) == ["37 page usd"])
    }

    @Test func `a page waits for a failure: time alone is not enough`() throws {
        let story = try Story("0 usd h0 P\n1 usd h1 F\n2 usd h2 F\n21 usd h3 FP\n22 usd h4 PF\n23 usd h5 F")
        #expect(story.paged() == ["23 page usd"])
    }

    @Test func `the policy of the stack overrides the defaults`() throws {
        let story = try red(until: 40) { "h\($0)" }
        #expect(story.paged(Policy(pageAfterAge: .span(.hours(3)), pageAfterHeads: 3)) == ["4 page usd"])
        #expect(story.paged(Policy(pageAfterHeads: 90, orAfterAge: .hours(5), orAfterRuns: 9)) == ["9 page usd"])
        #expect(
            story.reported(Policy(pageAfterAge: .span(.hours(0)), pageAfterHeads: 1)) == [
                "1 suspected usd", "1 page usd",
            ])
    }

    // MARK: - Control

    @Test func `a failing control is the environment: operators are notified once in 24 h, and the age keeps running`()
        throws
    {
        var story = try Story("0 usd h0 P")
        for hour in 1...50 { try story.add("\(hour) usd h\(hour) F control=F") }
        #expect(story.paged() == ["19 environment usd", "43 environment usd"])
        try story.add("51 usd h51 F")
        #expect(story.paged() == ["19 environment usd", "43 environment usd", "51 page usd"])
    }

    @Test func `a failing control is retried once`() throws {
        var story = try red(until: 18) { "h\($0)" }
        let before = story.replay().attempts
        try story.add("19 usd h19 F control=FP")
        #expect(story.paged() == ["19 page usd"])
        #expect(story.replay().attempts == before + 4)
    }

    @Test func `a control that fails for infrastructure reasons decides nothing`() throws {
        var story = try red(until: 18) { "h\($0)" }
        try story.add("19 usd h19 F control=E\n20 usd h20 F control=EF\n21 usd h21 F control=EP")
        #expect(story.paged() == ["21 page usd"])
    }

    @Test func `jobs of one variant whose controls fail share one notice`() throws {
        var story = try Story("0 usd h0 P\n0 osl h0 P\n0 usd@w h0 P")
        for job in ["usd", "osl", "usd@w"] {
            for hour in 1...19 { try story.add("\(hour) \(job) h\(hour) F control=F") }
        }
        #expect(story.paged() == ["19 environment osl usd", "19 environment usd@w/head"])
    }

    // MARK: - Slow cadence

    @Test func `if runs are more than 6 h apart, 12 h are enough`() throws {
        let nightly = try Story("0 usd h0 P\n24 usd h1 F\n48 usd h2 F\n72 usd h3 F")
        #expect(nightly.paged() == ["48 page usd"])
        #expect(try red(until: 40, every: 7) { "h\($0)" }.paged() == ["15 page usd"])
        #expect(try red(until: 40, every: 6) { "h\($0)" }.paged() == ["19 page usd"])
    }

    @Test func `an age from the policy of the stack applies at every cadence`() throws {
        let story = try red(until: 40, every: 8) { "h\($0)" }
        #expect(story.paged() == ["17 page usd"])
        #expect(story.paged(Policy(pageAfterAge: .span(.hours(18)))) == ["25 page usd"])
    }

    @Test func `the stack's schedule is the cadence, whatever the gaps are`() throws {
        let story = try red(until: 40) { "h\($0)" }
        #expect(story.paged(schedule: try CronSchedule("0 3 * * *")) == ["13 page usd"])
        #expect(story.paged(schedule: try CronSchedule("0 * * * *")) == ["19 page usd"])
    }

    @Test func `a suspected job with a slow cadence runs again after 4 h`() throws {
        let slow = judge(cadence: 24)
        #expect(slow.reprobeAt(PlanScenario.id("usd")) == hour(28))
        #expect(judge(cadence: 6).reprobeAt(PlanScenario.id("usd")) == nil)
        #expect(judge(cadence: nil).reprobeAt(PlanScenario.id("usd")) == nil)
        #expect(slow.reprobeAt(PlanScenario.id("osl")) == nil, "passing")
    }

    private func judge(cadence hours: Double?) -> StackJudge {
        let jobs = [PlanScenario.id("usd"), PlanScenario.id("osl")]
        let cadences = hours.map { hours in Dictionary(uniqueKeysWithValues: jobs.map { ($0, hours * 3600) }) }
        var judge = StackJudge(policy: Policy(), cadences: cadences ?? [:])
        for (index, at) in [0.0, 24].enumerated() {
            let observations = jobs.map { job in
                JobObservation(
                    run: "\(at)", job: job, inputs: Inputs(at: hour(at), inputsHash: "h\(at)"),
                    evidence: index == 1 && job.project == "usd" ? .fail : .pass)
            }
            _ = judge.judge(observations, at: hour(at))
        }
        return judge
    }

    // MARK: - What it waits for

    @Test func `a status can say which rule applies and when it pages`() {
        var state = JobJudgeState()
        let rule = PageRule(Policy())
        func see(_ at: Double, _ evidence: Evidence, _ head: String) {
            let inputs = Inputs(at: hour(at), inputsHash: head)
            _ = state.take(
                JobObservation(run: "\(at)", job: PlanScenario.id("usd"), inputs: inputs, evidence: evidence), by: rule)
        }
        see(0, .pass, "h0")
        see(1, .fail, "h1")
        #expect(state.episode.flatMap(rule.pagesAt) == hour(19))
        #expect(
            state.episode.map { rule.outlook($0, at: hour(7)) }
                == "suspected 6 h, 1 of 2 heads, pages at 18 h; or 1 of 3 failing runs at 36 h")
        see(20, .fail, "h1")
        #expect(state.episode.flatMap(rule.pagesAt) == hour(37), "18 h are over, only `or-after` can be predicted")
        see(40, .fail, "h1")
        #expect(state.episode.flatMap(rule.pagesAt) == hour(37))
    }

    @Test func `a job that has never passed does not page`() {
        var state = JobJudgeState()
        let rule = PageRule(Policy())
        let inputs = Inputs(at: hour(0), inputsHash: "h")
        _ = state.take(
            JobObservation(run: "r", job: PlanScenario.id("usd"), inputs: inputs, evidence: .fail), by: rule)
        #expect(state.episode.flatMap(rule.pagesAt) == nil)
        #expect(state.episode.map { rule.outlook($0, at: hour(0)).contains("has never passed") } == true)
    }

    // MARK: - Learned age

    private static let hours: TimeInterval = 3600

    @Test func `the age is learned after 20 ended episodes of the upstream`() throws {
        var story = try Story("0 usd h0 P oiio=0")
        var at = 1
        // Each third one lasts 80 h, the others 10 h.
        for episode in 1...21 {
            let lasts = episode % 3 == 0 ? 80 : 10
            try story.add(stride(from: at, to: at + lasts, by: 2), "usd h\(at) F oiio=\(episode)")
            try story.add("\(at + lasts) usd h\(at + 1) P oiio=\(episode)")
            at += lasts + 2
        }
        try story.add(stride(from: at, through: at + 40, by: 1), "usd new F oiio=new")
        try story.add("\(at + 9) usd other F oiio=new")
        let learned = story.paged(Policy(pageAfterAge: .learned)).last
        #expect(learned == "\(at + 10) page usd (oiio)")
        #expect(story.paged().last == "\(at + 18) page usd (oiio)")
    }

    @Test func `a learned age is the smallest at which 4 of 5 episodes that are still red will last`() {
        var ages = LearnedAges()
        for _ in 0..<10 { ages.add(100 * Self.hours, of: "oiio") }
        #expect(ages.age(of: "oiio") == nil)
        for hours in [1.0, 2, 7, 8, 9, 20, 30, 40, 41, 42] { ages.add(hours * 3600, of: "oiio") }
        // r = 1/2: S(a) must be 1/4 at most, two of ten still red.
        #expect(ages.age(of: "oiio") == 40 * Self.hours)
        #expect(ages.age(of: "imath") == nil)
    }

    @Test func `a learned age stays within 6 and 48 h`() {
        var (never, always) = (LearnedAges(), LearnedAges())
        for _ in 0..<20 {
            never.add(3600, of: "oiio")
            always.add(100 * 3600, of: "oiio")
        }
        #expect(never.age(of: "oiio") == 48 * Self.hours)
        #expect(always.age(of: "oiio") == 6 * Self.hours)
        for _ in 0..<200 { always.add(60 * 3600, of: "oiio") }
        #expect(always.age(of: "oiio") == 48 * Self.hours)
    }
}
