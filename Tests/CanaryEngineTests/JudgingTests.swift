// SPDX-License-Identifier: Apache-2.0

import CanaryHistory
import Foundation
import Testing

@testable import CanaryEngine
@testable import CanaryModel

@Suite("Judging")
struct JudgingTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let verdict: Verdict
        let evidence: Evidence
        var confirmation: Evidence?
        var fallback = false
        let becomes: Verdict
        var tells: Message.Kind?

        var testDescription: String {
            "\(verdict) + \(evidence) (confirm \(confirmation?.rawValue ?? "-"), fallback \(fallback)) = \(becomes)"
        }
    }

    static let table = [
        Case(verdict: .unknown, evidence: .pass, becomes: .passing),
        Case(verdict: .unknown, evidence: .fail, becomes: .suspected, tells: .suspected),
        Case(verdict: .unknown, evidence: .flaky, becomes: .unknown, tells: .flaky),
        Case(verdict: .unknown, evidence: .none, becomes: .unknown),
        Case(verdict: .passing, evidence: .pass, becomes: .passing),
        Case(verdict: .passing, evidence: .fail, becomes: .suspected, tells: .suspected),
        Case(verdict: .passing, evidence: .flaky, becomes: .passing, tells: .flaky),
        Case(verdict: .passing, evidence: .none, becomes: .passing),
        Case(verdict: .passing, evidence: .pass, fallback: true, becomes: .passing),
        Case(verdict: .passing, evidence: .fail, fallback: true, becomes: .suspected, tells: .suspected),
        Case(verdict: .suspected, evidence: .fail, becomes: .suspected),
        Case(verdict: .suspected, evidence: .none, becomes: .suspected),
        Case(verdict: .suspected, evidence: .pass, becomes: .suspected),
        Case(verdict: .suspected, evidence: .pass, confirmation: .pass, becomes: .passing, tells: .healed),
        Case(verdict: .suspected, evidence: .pass, confirmation: .fail, becomes: .suspected),
        Case(verdict: .suspected, evidence: .pass, confirmation: Evidence.none, becomes: .suspected),
        Case(verdict: .suspected, evidence: .pass, confirmation: .pass, fallback: true, becomes: .suspected),
        Case(verdict: .broken, evidence: .fail, becomes: .broken),
        Case(verdict: .broken, evidence: .pass, confirmation: .pass, becomes: .passing),
    ]

    private let job = JobID(project: "base", variant: "local", lane: .head)
    private let at = Date(timeIntervalSince1970: 1_800_000_000)

    @Test(arguments: table) func `evidence moves a verdict as the table says`(row: Case) throws {
        let judging = try judging(row)
        let verdicts = judging.judge([planned(row)])
        #expect(verdicts.jobs.map(\.verdict) == [row.becomes])
        #expect(verdicts.messages.map(\.kind) == [row.tells].compactMap { $0 })
        guard row.verdict != row.becomes else {
            #expect(verdicts.transitions.isEmpty)
            return
        }
        let transition = verdicts.transitions[0]
        #expect(
            transition.from == row.verdict && transition.to == row.becomes && transition.at == at
                && transition.run == "r1")
        if row.becomes == .suspected { #expect(transition.episode?.hasPrefix("e270115080000-") == true) }
        if row.verdict == .suspected { #expect(transition.episode == "e1") }
        #expect(judging.leave([planned(row)]).jobs.map(\.verdict) == [row.verdict], "unjudged, all stays")
        #expect(judging.leave([planned(row)]).transitions.isEmpty)
    }

    private func judging(_ row: Case) throws -> Judging {
        let episode = row.verdict == .suspected || row.verdict == .broken ? "e1" : nil
        let standing = Standing(verdict: row.verdict, since: row.verdict == .unknown ? nil : at, episode: episode)
        let confirmations = row.confirmation.map { ["k": finished($0)] } ?? [:]
        return Judging(
            run: "r1", startedAt: at, standings: [job: standing], confirmations: confirmations,
            stack: try Stack(name: "s", variants: [], graph: ProjectGraph([])))
    }

    private func finished(_ evidence: Evidence) -> FinishedBuild {
        switch evidence {
        case .pass: FinishedBuild(outcome: .passed, tree: "t")
        case .fail: FinishedBuild(outcome: .ended(in: .build, reason: .buildCompiler))
        case .flaky: FinishedBuild(outcome: .passed, flaky: true, tree: "t")
        case .none: FinishedBuild(outcome: .ended(in: .build, reason: .environmentToolMissing))
        }
    }

    private func planned(_ row: Case) -> PlannedJob {
        PlannedJob(
            job: job, source: Source(revision: "s", tree: "t", committedAt: at), upstreams: [:], key: "k",
            conditional: false,
            action: .build, reason: DecisionReason(.headMoved, "moved"), redUpstreams: [],
            fallback: row.fallback ? ["up": "sha"] : [:], finished: finished(row.evidence), recipe: "r",
            environment: "e")
    }
}
