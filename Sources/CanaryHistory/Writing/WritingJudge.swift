// SPDX-License-Identifier: Apache-2.0

package import CanaryJudge
import CanaryModel
import Foundation
import GRDB

extension History {
    /// Keeps what the judge learned between runs; `entries` are in the outbox when this returns.
    package func keep(_ judge: JudgeState, putting entries: [OutboxEntry]) async throws(HistoryError) {
        let now = clock()
        try await write(durably: true) { connection in
            try connection.keep(judge)
            try connection.put(entries, at: now)
        }
    }

    /// Puts down a decision of a person.
    package func record(_ decision: HumanDecision) async throws(HistoryError) {
        try await write(durably: true) { connection in
            try connection.perform(
                "INSERT INTO human_decisions (at, kind, subject, who, until, note) VALUES (?, ?, ?, ?, ?, ?)",
                [
                    decision.at.milliseconds, decision.kind.rawValue, decision.subject, decision.who,
                    decision.until?.milliseconds, decision.note,
                ])
        }
    }
}

extension Database {
    /// Keeps what the judge remembers.
    func keep(_ judge: JudgeState) throws {
        for (job, memory) in judge.states {
            try seat(job)
            try perform(
                """
                INSERT INTO judge_memories (project, variant, lane, memory, silent_since) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT DO UPDATE SET memory = excluded.memory, silent_since = excluded.silent_since
                """, StatementArguments(job.columns + [JSON.text(memory), judge.silent[job]?.milliseconds]))
        }
        try perform(
            """
            INSERT INTO judge_board (id, board, ages) VALUES (1, ?, ?)
            ON CONFLICT DO UPDATE SET board = excluded.board, ages = excluded.ages
            """, [JSON.text(judge.board), JSON.text(judge.ages)])
    }
}
