// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import GRDB

extension Recorder {
    /// Records that `attempt` of `build` began in `run`; the build too, if it is new.
    ///
    /// - Throws: `contradiction` if the key is known with different content, `notRecorded` if an upstream's key is
    ///   unknown.
    package func begin(
        _ attempt: AttemptStart, of build: BuildRecord, in run: String
    ) async throws(HistoryError) {
        try await access.write { connection in
            let run = try connection.numberOfRunning(run)
            let number = try connection.number(of: build)
            try connection.perform(
                """
                INSERT INTO attempts (id, build, project, variant, run, purpose, state, started_at, driver_pid,
                    driver_started_at, unreproducible)
                SELECT ?, id, project, variant, ?, ?, 'running', ?, ?, ?, 0 FROM builds WHERE id = ?
                """,
                [
                    attempt.id, run, attempt.purpose.rawValue, attempt.startedAt.milliseconds, attempt.driver.pid,
                    attempt.driver.startedAt, number,
                ])
        }
    }

    /// Records how `attempt` ended, its stages, and its prefix if it passed and none is stored under its key.
    ///
    /// Its surface is recorded too if its tree is the stored one and has no surface yet.
    ///
    /// - Returns: false, and nothing is changed, if the attempt had ended before.
    package func finish(_ attempt: String, with end: AttemptFinish) async throws(HistoryError) -> Bool {
        try await access.write { connection in
            let number = try connection.number(of: attempt, in: .attempts)
            guard try connection.close(number, with: end) else { return false }
            for (index, stage) in end.stages.enumerated() {
                try connection.insert(stage, at: index, attempt: number)
            }
            if let prefix = end.prefix, end.outcome.result == .passed {
                try connection.perform(
                    """
                    INSERT INTO prefixes (build, tree, files, bytes, created_at)
                    SELECT build, ?, ?, ?, finished_at FROM attempts WHERE seq = ?
                    ON CONFLICT (build) WHERE removed_at IS NULL DO NOTHING
                    """, [prefix.tree, prefix.files, prefix.bytes, number])
            }
            if let surface = end.surface { try connection.insert(surface, attempt: number) }
            if let tests = end.tests { try connection.insert(tests, attempt: number) }
            return true
        }
    }
}

extension Database {
    fileprivate func close(_ attempt: Int64, with end: AttemptFinish) throws -> Bool {
        try perform(
            """
            UPDATE attempts SET result = ?, stage = ?, reason = ?, error_text = ?, error_file = ?, error_line = ?,
                fingerprint = ?, state = 'finished', finished_at = max(started_at, ?), detail = ?, log_bytes = ?,
                unreproducible = ?, consumed = ?
            WHERE seq = ? AND state IN ('queued', 'running')
            """,
            StatementArguments(
                end.outcome.columns + [
                    end.finishedAt.milliseconds, end.detail, end.logBytes, end.unreproducible,
                    try end.consumption.map { try JSON.text($0) }, attempt,
                ]))
        return changesCount == 1
    }

    fileprivate func insert(_ stage: StageRun, at index: Int, attempt: Int64) throws {
        let startedAt = stage.startedAt.milliseconds
        // A stage is recorded even if the clock jumped back.
        let endedAt = max(startedAt, stage.endedAt.milliseconds)
        let code: Int? = if case .code(let code) = stage.exit { code } else { nil }
        let signal: Int? = if case .signal(let signal) = stage.exit { signal } else { nil }
        try perform(
            """
            INSERT INTO stages (attempt, n, stage, started_at, ended_at, exit_code, exit_signal, log_offset)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """, [attempt, index, stage.stage.rawValue, startedAt, endedAt, code, signal, stage.logOffset])
    }
}
