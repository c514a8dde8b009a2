// SPDX-License-Identifier: Apache-2.0

package import CanaryJudge
package import CanaryModel
package import Foundation
import GRDB

/// Reads what the judge remembers and what people decided.
package struct DecisionReader: Sendable {
    let access: ReadAccess

    /// The judge's state after the last judged run.
    package func judgeState() async throws(HistoryError) -> JudgeState {
        try await access.read { try $0.judgeState() }
    }

    /// What closed episodes taught.
    package func learnedAges() async throws(HistoryError) -> LearnedAges {
        try await access.read { connection in
            try connection.row("SELECT ages FROM judge_board").map { try JSON.value($0["ages"]) } ?? LearnedAges()
        }
    }

    /// What people decided about `subject`, newest first.
    package func humanDecisions(about subject: String) async throws(HistoryError) -> [HumanDecision] {
        try await access.read { connection in
            try connection.rows(
                "SELECT * FROM human_decisions WHERE subject = ? ORDER BY seq DESC", [subject]
            ).map { try $0.humanDecision() }
        }
    }

    /// The jobs that are muted at `date`, and until when.
    package func mutes(at date: Date) async throws(HistoryError) -> [JobID: Date] {
        try await access.read { connection in
            let newest = """
                SELECT subject, kind, until FROM human_decisions WHERE seq IN (
                    SELECT max(seq) FROM human_decisions WHERE kind IN ('mute', 'unmute') GROUP BY subject
                )
                """
            var mutes: [JobID: Date] = [:]
            for row in try connection.rows(newest) {
                let kind: HumanDecision.Kind = try row.word("kind")
                let until = row.optionalDate("until") ?? .distantFuture
                guard kind == .mute, until > date, let job = JobID(row["subject"] as String) else { continue }
                mutes[job] = until
            }
            return mutes
        }
    }
}

extension Row {
    fileprivate func humanDecision() throws -> HumanDecision {
        try HumanDecision(
            word("kind"), on: self["subject"], by: self["who"], at: date("at"), until: optionalDate("until"),
            note: self["note"])
    }
}
