// SPDX-License-Identifier: Apache-2.0

package import Foundation
import GRDB

/// What people ask for and decide: any process may write it, whoever holds the state folder.
package struct RequestInbox: Sendable {
    let access: WriteAccess

    /// How many requests may be open at a time; further ones are refused.
    package static let openRequests = 100

    /// Puts `request` into the inbox.
    ///
    /// - Returns: false, and nothing is written, if `openRequests` are open already.
    package func ask(_ request: RequestStart) async throws(HistoryError) -> Bool {
        try await access.write { connection in
            let open = try Int.fetchOne(
                connection.cachedStatement(
                    sql: "SELECT count(*) FROM requests WHERE state IN ('waiting', 'running')"))
            guard (open ?? 0) < Self.openRequests else { return false }
            try connection.perform(
                """
                INSERT INTO requests (id, kind, body, origin, state, asked_at) VALUES (?, ?, ?, ?, 'waiting', ?)
                """,
                [request.id, request.kind.rawValue, request.body, request.origin, request.askedAt.milliseconds])
            return true
        }
    }

    /// Records that work on the request `id` began.
    ///
    /// - Returns: false if it had finished.
    package func startRequest(_ id: String, at time: Date) async throws(HistoryError) -> Bool {
        try await access.write { connection in
            try connection.perform(
                """
                UPDATE requests SET state = 'running', started_at = coalesce(started_at, max(asked_at, ?))
                WHERE id = ? AND state IN ('waiting', 'running')
                """, [time.milliseconds, id])
            return connection.changesCount == 1
        }
    }

    /// Records the run that the request `id` became.
    package func noteRun(_ run: String, of id: String) async throws(HistoryError) {
        try await access.write { connection in
            try connection.perform("UPDATE requests SET run = ? WHERE id = ? AND state = 'running'", [run, id])
        }
    }

    /// Ends the request `id`.
    ///
    /// - Parameters:
    ///   - detail: why it failed, or what came of it, for people.
    ///   - result: what came of it, a JSON value for the verb that made it.
    /// - Returns: false, and nothing is changed, if it had finished before.
    package func endRequest(
        _ id: String, _ state: RequestState, detail: String? = nil, result: String? = nil, at time: Date
    ) async throws(HistoryError) -> Bool {
        try await access.write(durably: true) { connection in
            try connection.perform(
                """
                UPDATE requests SET state = ?, detail = ?, result = ?, ended_at = max(asked_at, ?)
                WHERE id = ? AND state IN ('waiting', 'running')
                """, [state.rawValue, detail, result, time.milliseconds, id])
            return connection.changesCount == 1
        }
    }

    /// Records a decision of a person.
    package func record(_ decision: HumanDecision) async throws(HistoryError) {
        try await access.write(durably: true) { connection in
            try connection.perform(
                "INSERT INTO human_decisions (at, kind, subject, who, until, note) VALUES (?, ?, ?, ?, ?, ?)",
                [
                    decision.at.milliseconds, decision.kind.rawValue, decision.subject, decision.who,
                    decision.until?.milliseconds, decision.note,
                ])
        }
    }
}
