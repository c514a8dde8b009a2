// SPDX-License-Identifier: Apache-2.0

package import CanaryJudge
import CanaryModel
import Foundation
import GRDB

extension Recorder {
    /// Keeps what the judge learned between runs; `postings` are in the outbox when it is kept.
    package func keep(_ judge: JudgeState, putting postings: [Posting]) async throws(HistoryError) {
        let now = access.clock()
        try await access.write(durably: true) { connection in
            try connection.keep(judge)
            try connection.put(postings, at: now)
        }
    }
}

extension Database {
    /// Keeps what the judge remembers.
    func keep(_ judge: JudgeState) throws {
        for (job, memory) in judge.memories {
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
