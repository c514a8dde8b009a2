// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import Testing

@Suite("Judge") struct JudgeTests {
    /// What each verdict becomes by each evidence; a cell is `stays`, a verdict, or `?` for "run it once more".
    private static let table: [(verdict: Verdict, cells: [Evidence: String])] = [
        (.unknown, [.pass: "passing", .fail: "suspected", .flaky: "stays", .none: "stays"]),
        (.passing, [.pass: "stays", .fail: "suspected", .flaky: "stays", .none: "stays"]),
        (.suspected, [.pass: "?", .fail: "stays", .flaky: "stays", .none: "stays"]),
        (.broken, [.pass: "?", .fail: "stays", .flaky: "stays", .none: "stays"]),
    ]

    private func judgement(_ cell: String, _ confirmation: Evidence?, _ onFallback: Bool) -> Judgement {
        if let verdict = Verdict(rawValue: cell) { return .becomes(verdict) }
        guard cell == "?", !onFallback else { return .stays }
        guard let confirmation else { return .needsConfirmation }
        return confirmation == .pass ? .becomes(.passing) : .stays
    }

    @Test(arguments: Verdict.allCases, Evidence.allCases)
    func `evidence means what the table says`(verdict: Verdict, evidence: Evidence) throws {
        let row = try #require(Self.table.first { $0.verdict == verdict })
        let cell = try #require(row.cells[evidence])
        for confirmation in [nil] + Evidence.allCases.map(Optional.some) {
            for onFallback in [false, true] {
                #expect(
                    Judge.weigh(evidence, on: verdict, confirmation: confirmation, onFallback: onFallback)
                        == judgement(cell, confirmation, onFallback),
                    "confirmation \(String(describing: confirmation)), fallback \(onFallback)")
            }
        }
    }

    @Test func `a lone pass closes nothing, two passes do, one on a fallback never`() {
        for verdict in [Verdict.suspected, .broken] {
            #expect(Judge.weigh(.pass, on: verdict) == .needsConfirmation)
            #expect(Judge.weigh(.pass, on: verdict, confirmation: .pass) == .becomes(.passing))
            #expect(Judge.weigh(.pass, on: verdict, confirmation: .fail) == .stays)
            #expect(Judge.weigh(.pass, on: verdict, confirmation: .pass, onFallback: true) == .stays)
        }
    }

    @Test(arguments: Result.allCases, [false, true])
    func `only builds that ended on their own are evidence`(result: Result, flaky: Bool) {
        let evidence = Evidence(of: FinishedBuild(outcome: Outcome(result: result), flaky: flaky))
        switch result {
        case .passed: #expect(evidence == (flaky ? .flaky : .pass))
        case .failed, .timedOut: #expect(evidence == .fail)
        case .error, .blocked, .skipped, .cancelled: #expect(evidence == Evidence.none)
        }
    }

    @Test func `a message is news alone`() {
        let job = Scene.id("imath")
        func kind(_ verdict: Verdict, _ evidence: Evidence, _ judgement: Judgement) -> Message.Kind? {
            Message(job: job, verdict: verdict, evidence: evidence, judgement: judgement)?.kind
        }
        #expect(kind(.passing, .fail, .becomes(.suspected)) == .suspected)
        #expect(kind(.unknown, .fail, .becomes(.suspected)) == .suspected)
        #expect(kind(.suspected, .pass, .becomes(.passing)) == .healed)
        #expect(kind(.unknown, .pass, .becomes(.passing)) == nil)
        #expect(kind(.suspected, .pass, .needsConfirmation) == nil)
        #expect(kind(.suspected, .fail, .stays) == nil)
        for verdict in Verdict.allCases { #expect(kind(verdict, .flaky, .stays) == .flaky) }
    }
}
