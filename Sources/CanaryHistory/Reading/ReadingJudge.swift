// SPDX-License-Identifier: Apache-2.0

package import CanaryJudge
package import CanaryModel
package import Foundation
import GRDB

extension History {
    /// What the judge kept after the last judged run.
    package func judge() async throws(HistoryError) -> JudgeState {
        try await read { try $0.keptJudge() }
    }

    /// What ended episodes taught.
    package func learnedAges() async throws(HistoryError) -> LearnedAges {
        try await read { connection in
            try connection.row("SELECT ages FROM judge_board").map { try JSON.value($0["ages"]) } ?? LearnedAges()
        }
    }

    /// What people decided about `subject`, newest first.
    package func humanDecisions(about subject: String) async throws(HistoryError) -> [HumanDecision] {
        try await read { connection in
            try connection.rows(
                "SELECT * FROM human_decisions WHERE subject = ? ORDER BY seq DESC", [subject]
            ).map { try $0.humanDecision() }
        }
    }

    /// The jobs of which nothing is told at `date`, and until when.
    package func mutes(at date: Date) async throws(HistoryError) -> [JobID: Date] {
        try await read { connection in
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

extension Database {
    func keptJudge() throws -> JudgeState {
        var judge = JudgeState()
        if let row = try row("SELECT board, ages FROM judge_board") {
            judge.board = try JSON.value(row["board"])
            judge.ages = try JSON.value(row["ages"])
        }
        for (job, known) in try memories(JobQueries.memories) {
            judge.states[job] = known.memory
            judge.silent[job] = known.silentSince
        }
        return judge
    }

    /// What is remembered of each job, by one of the queries of `JobQueries`.
    func memories(_ sql: String) throws -> [JobID: (memory: JobJudgeState, silentSince: Date?)] {
        var memories: [JobID: (memory: JobJudgeState, silentSince: Date?)] = [:]
        for row in try rows(sql) {
            memories[try row.job()] = (try JSON.value(row["memory"]), row.optionalDate("silent_since"))
        }
        return memories
    }
}

extension Row {
    fileprivate func humanDecision() throws -> HumanDecision {
        try HumanDecision(
            word("kind"), on: self["subject"], by: self["who"], at: date("at"), until: optionalDate("until"),
            note: self["note"])
    }
}
