// SPDX-License-Identifier: Apache-2.0

import CanaryBisection
import CanaryModel
import Testing

@Suite("NameSearch") struct NameSearchTests {
    @Test(arguments: [1, 2, 3, 10, 512])
    func `the commit that removed the name is found by halving`(count: Int) {
        for culprit in stride(from: 1, through: count, by: max(1, count / 20)) {
            var search = NameSearch(commits: count)
            var asked = 0
            while let position = search.next {
                search.record(position >= culprit ? .gone : .installed, at: position)
                asked += 1
            }
            #expect(search.found == culprit...culprit)
            #expect(asked <= count.bitWidth - (count - 1).leadingZeroBitCount)
        }
    }

    @Test func `positions that do not build are skipped, and their commits share the blame`() {
        var search = NameSearch(commits: 16)
        var asked: [Int] = []
        while let position = search.next {
            asked.append(position)
            search.record((7...9).contains(position) ? .untestable : position >= 8 ? .gone : .installed, at: position)
        }
        #expect(search.found == 7...10)
        #expect(Set(asked).count == asked.count)
    }

    @Test func `it continues from earlier answers in any order`() {
        let answers: [Int: NameSearch.Answer] = [8: .gone, 4: .installed, 6: .installed]
        let search = NameSearch(commits: 16, answers: answers)
        #expect(search.next == 7)
        #expect(search.found == nil)
        #expect(NameSearch(commits: 16, answers: answers.merging([7: .gone]) { $1 }).found == 7...7)
    }
}

@Suite("ProbeAnswer") struct ProbeAnswerTests {
    private func failed(in stage: Stage, _ fingerprint: String) -> Outcome {
        Outcome(result: .failed, stage: stage, fingerprint: fingerprint)
    }

    @Test func `a test answers a probe, whatever else the build does, where it ran`() {
        let failed = failed(in: .test, "x")
        #expect(ProbeAnswer(of: .passed, test: .failed) == .fail && ProbeAnswer(of: failed, test: .passed) == .pass)
        #expect(ProbeAnswer(of: failed, test: .failed) == .fail && ProbeAnswer(of: .passed, test: .passed) == .pass)
        for outcome in [.passed, failed, Outcome(result: .blocked)] {
            #expect(ProbeAnswer(of: outcome, test: nil) == .untestable)
            #expect(ProbeAnswer(of: outcome, test: .skipped) == .untestable)
        }
        #expect(ProbeAnswer(of: Outcome(result: .error), test: nil) == .error)
        let wrong = Outcome.ended(in: .inspect, reason: .inspectWrongUpstream)
        #expect(ProbeAnswer(of: wrong, test: .failed) == .untestable, "it was another upstream's fault")
    }

    @Test func `results become answers`() {
        #expect(ProbeAnswer(of: .passed) == .pass)
        #expect(ProbeAnswer(of: failed(in: .build, "x")) == .fail)
        #expect(ProbeAnswer(of: Outcome(result: .timedOut)) == .fail)
        #expect(ProbeAnswer(of: Outcome(result: .blocked)) == .untestable)
        for result in [Result.error, .skipped, .cancelled] {
            #expect(ProbeAnswer(of: Outcome(result: result)) == .error)
        }
    }

    @Test func `a different failure in an earlier stage hides the one that is searched`() {
        func answer(_ outcome: Outcome) -> ProbeAnswer { ProbeAnswer(of: outcome, stage: .build, fingerprint: "x") }
        #expect(answer(failed(in: .configure, "y")) == .untestable)
        #expect(answer(failed(in: .configure, "x")) == .fail)
        #expect(answer(failed(in: .build, "y")) == .fail)
        #expect(answer(failed(in: .test, "y")) == .fail)
    }

    @Test func `answers, phases and results are written as in the documents`() {
        #expect(ProbeAnswer.allCases.map(\.rawValue) == ["pass", "fail", "untestable", "error"])
        #expect(SearchPhase.allCases.map(\.rawValue) == ["search", "control", "isolation", "confirm"])
        let kinds = ["culprit", "set", "flake", "environment", "unresolved", "notMonotone", "nothingMoved"]
        #expect(SearchResult.Kind.allCases.map(\.rawValue) == kinds)
        #expect(Confirmation.allCases.map(\.rawValue) == ["open", "confirmed", "refuted"])
    }
}
