// SPDX-License-Identifier: Apache-2.0

import CanaryJudge
import GRDB

extension Database {
    /// Stores what the judge remembers.
    func store(_ judge: JudgeState) throws {
        for (job, state) in judge.states {
            try seat(job)
            try perform(
                """
                INSERT INTO judge_memories (project, variant, lane, memory, silent_since) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT DO UPDATE SET memory = excluded.memory, silent_since = excluded.silent_since
                """, StatementArguments(job.columns + [JSON.text(state), judge.silent[job]?.milliseconds]))
        }
        try perform(
            """
            INSERT INTO judge_board (id, board, ages) VALUES (1, ?, ?)
            ON CONFLICT DO UPDATE SET board = excluded.board, ages = excluded.ages
            """, [JSON.text(judge.board), JSON.text(judge.ages)])
    }

    /// What `store` stored.
    func judgeState() throws -> JudgeState {
        var judge = try judgeState(ofJobs: JobQueries.memories)
        if let row = try row("SELECT board, ages FROM judge_board") {
            judge.board = try JSON.value(row["board"])
            judge.ages = try JSON.value(row["ages"])
        }
        return judge
    }

    /// The part of it that is about single jobs, by one of the queries of `JobQueries`.
    func judgeState(ofJobs sql: String) throws -> JudgeState {
        var judge = JudgeState()
        for row in try rows(sql) {
            let job = try row.job()
            judge.states[job] = try JSON.value(row["memory"])
            judge.silent[job] = row.optionalDate("silent_since")
        }
        return judge
    }
}
