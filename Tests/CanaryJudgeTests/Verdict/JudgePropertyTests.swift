// SPDX-License-Identifier: Apache-2.0

import CanaryJudge
import CanaryTestSupport
import Foundation
import Simulation
import Testing

@testable import CanaryModel

@Suite("Whatever a trace holds") struct JudgePropertyTests {
    private static let jobs = ["imath", "oiio", "usd", "osl"]

    /// Some days of a few jobs, with phases of red, moving upstreams, gaps and equal times.
    private func lines(_ random: inout SplitMix64, grouped: Bool = true) -> [TraceLine] {
        var lines: [TraceLine] = []
        for name in Self.jobs {
            var (at, isRed, head) = (0, false, 0)
            while at < 150 {
                if random.chance(4) { isRed.toggle() }
                if random.chance(40) { head += 1 }
                let tape = (0..<3).map { _ in end(random.chance(isRed ? 95 : 8), random.chance(3)) }
                let control = (0..<2).map { _ in end(random.chance(20), random.chance(3)) }
                let isAlone = !grouped || name == "imath" || random.chance(10)
                let upstreams = isAlone ? nil : ["imath": "\(at / 9)", "oiio": "\(at / 7)"]
                lines.append(
                    TraceLine(
                        job: PlanScenario.id(name),
                        inputs: Inputs(at: hour(Double(at)), inputsHash: "h\(head)", upstreams: upstreams),
                        attempts: tape, control: control))
                at += Int.random(in: 0...3, using: &random)
            }
        }
        return lines
    }

    private func end(_ fails: Bool, _ isSpoiled: Bool) -> Evidence { isSpoiled ? .none : fails ? .fail : .pass }

    @Test(arguments: 1...40 as ClosedRange<UInt64>)
    func `the order of lines does not matter`(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let lines = lines(&random)
        let (first, second) = (Replay(Trace(lines)), Replay(Trace(lines.shuffled(using: &random))))
        #expect(first.sent == second.sent && first.attempts == second.attempts)
        for event in first.sent.map(\.event) {
            #expect(event.jobs == Set(event.jobs).sorted() && event.jobs.contains(event.job))
        }
        #expect(!first.sent.isEmpty)
    }

    @Test(arguments: 1...40 as ClosedRange<UInt64>)
    func `events come in order: suspected, then healed, or page, then recovered`(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let replay = Replay(Trace(lines(&random, grouped: false)))
        #expect(replay.sent.map(\.at) == replay.sent.map(\.at).sorted())
        for name in Self.jobs {
            var state = Notice.Kind.healed
            for event in replay.sent.map(\.event) where event.job == PlanScenario.id(name) {
                switch event.kind {
                case .suspected: #expect(state == .healed || state == .recovered)
                case .healed: #expect(state == .suspected)
                case .page: #expect(state == .suspected)
                case .recovered: #expect(state == .page)
                case .flaky, .environment: continue
                case .changed, .unexpectedPass, .stale, .updated: Issue.record("a trace cannot cause \(event.kind)")
                }
                state = event.kind
            }
        }
    }

    @Test(arguments: 1...40 as ClosedRange<UInt64>)
    func `no age is negative, whatever the clock did`(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var state = JobJudgeState()
        let rule = PageRule(Policy())
        for run in 0..<200 {
            let at = hour(Double(Int.random(in: -50...50, using: &random)))
            let evidence = [Evidence.pass, .fail, .fail, .flaky, .none].pick(&random)
            let observation = JobObservation(
                run: "\(run)", job: PlanScenario.id("usd"), inputs: Inputs(at: at, inputsHash: "h\(run / 3)"),
                evidence: evidence)
            var answers = Answers()
            while let purpose = state.owes(for: observation, given: answers, by: rule) {
                answers.add(random.chance(50) ? .pass : .fail, to: purpose)
            }
            let before = state
            let news = state.take(observation, given: answers, by: rule)
            #expect((state.episode != nil) == (state.verdict == .suspected || state.verdict == .broken))
            if let episode = state.episode {
                #expect(episode.age(at: at) >= 0 && episode.openedAt <= episode.lastFailedAt)
                #expect(episode.heads.count <= episode.failingRuns)
            }
            if evidence == .none { #expect(news.isEmpty && state.verdict == before.verdict) }
            var again = state
            #expect(again.take(observation, given: answers, by: rule).isEmpty && again == state)
        }
    }

    @Test func `two runs at one time are both counted, once`() throws {
        let apart = try Story("0 usd h0 P\n1 usd h1 F\n37 usd h1 F\n38 usd h1 F")
        #expect(apart.paged() == ["38 page usd"])
        let same = try Story("0 usd h0 P\n1 usd h1 F\n37 usd h1 F\n37 usd h1 F")
        #expect(same.paged() == ["37 page usd"])
        let heads = try Story("0 usd h0 P\n1 usd h1 F\n1 usd h2 F\n2 usd h2 F\n3 usd h2 F\n19 usd h2 F")
        #expect(heads.paged() == ["19 page usd"])
    }
}
