// SPDX-License-Identifier: Apache-2.0

package import Foundation
import GRDB

extension Recorder {
    /// Closes everything that a dead process left open: attempts and runs become interrupted, which is not evidence.
    ///
    /// - Returns: the ids of the attempts, in the order they began.
    @discardableResult
    package func closeInterrupted(at time: Date) async throws(HistoryError) -> [String] {
        try await access.write(durably: true) { connection in
            let attempts = try connection.interruptAttempts(where: "1", [], at: time)
            try connection.perform(
                """
                UPDATE runs SET state = 'interrupted', finished_at = max(started_at, ?) WHERE state = 'running'
                """, [time.milliseconds])
            return attempts
        }
    }

    /// Closes one run that must stop, and its open attempts, in the same way.
    ///
    /// - Returns: the ids of the attempts, in the order they began.
    @discardableResult
    package func interrupt(run: String, at time: Date) async throws(HistoryError) -> [String] {
        try await access.write(durably: true) { connection in
            let number = try connection.numberOfRunning(run)
            let attempts = try connection.interruptAttempts(where: "run = ?", [number], at: time)
            try connection.perform(
                "UPDATE runs SET state = 'interrupted', finished_at = max(started_at, ?) WHERE seq = ?",
                [time.milliseconds, number])
            return attempts
        }
    }
}

extension Database {
    fileprivate func interruptAttempts(
        where condition: String, _ arguments: StatementArguments, at time: Date
    ) throws -> [String] {
        let open = "state IN ('queued', 'running') AND \(condition)"
        let attempts = try String.fetchAll(
            cachedStatement(sql: "SELECT id FROM attempts WHERE \(open) ORDER BY seq"), arguments: arguments)
        try perform(
            """
            UPDATE attempts SET state = 'interrupted', result = 'error', reason = 'environment.interrupted',
                finished_at = max(started_at, ?)
            WHERE \(open)
            """, [time.milliseconds] + arguments)
        return attempts
    }
}
