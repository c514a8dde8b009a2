// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB

/// Reads a history; what holds it cannot write.
struct ReadAccess: Sendable {
    let database: any DatabaseReader
    let path: String

    /// Reads in one consistent view of the file.
    func read<Value: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> Value
    ) async throws(HistoryError) -> Value {
        try await waiting(at: path) { finish in
            database.asyncRead { connection in finish(Swift.Result { try body(connection.get()) }) }
        }
    }
}

/// Writes a history.
///
/// A call that has begun is carried out even if its task is cancelled, so that an interrupted run can still record that
/// it was. Times are stored in whole milliseconds.
struct WriteAccess: Sendable {
    let database: any DatabaseWriter
    let path: String
    let clock: @Sendable () -> Date

    /// The same history, without the right to write.
    var reading: ReadAccess { ReadAccess(database: database, path: path) }

    /// Writes all of `body` or nothing, in one transaction, and records the time of the change.
    ///
    /// A commit survives the death of this process at any instant. With `durably` it is on the disk when this returns,
    /// with all commits before it, and survives that of the machine.
    @discardableResult
    func write<Value: Sendable>(
        durably: Bool = false, _ body: @escaping @Sendable (Database) throws -> Value
    ) async throws(HistoryError) -> Value {
        try await waiting(at: path) { finish in
            database.asyncWriteWithoutTransaction { connection in
                finish(Swift.Result { try commit(connection, durably: durably, body) })
            }
        }
    }

    private func commit<Value>(
        _ connection: Database, durably: Bool, _ body: (Database) throws -> Value
    ) throws -> Value {
        if durably { try connection.execute(sql: "PRAGMA synchronous = FULL") }
        defer { if durably { try? connection.execute(sql: "PRAGMA synchronous = NORMAL") } }
        var value: Value?
        try connection.inTransaction(.immediate) {
            value = try stamp(connection, body)
            return .commit
        }
        guard let value else { throw DatabaseError(resultCode: .SQLITE_ABORT) }
        return value
    }

    /// The time of the last change only moves forward, by at least a millisecond per change: it serves as a version.
    private func stamp<Value>(_ connection: Database, _ body: (Database) throws -> Value) throws -> Value {
        let before = connection.totalChangesCount
        let value = try body(connection)
        if connection.totalChangesCount != before {
            try connection.perform(
                "UPDATE house SET changed_at = max(?, coalesce(changed_at + 1, 0))", [clock().milliseconds])
        }
        return value
    }
}

/// Waits, without blocking a thread of tasks, until `start` has called its callback.
func waiting<Value: Sendable>(
    at path: String, _ start: (_ finish: @escaping @Sendable (Swift.Result<Value, any Error>) -> Void) -> Void
) async throws(HistoryError) -> Value {
    let answer: Swift.Result<Value, HistoryError> = await withCheckedContinuation { continuation in
        start { result in continuation.resume(returning: result.mapError { HistoryError($0, at: path) }) }
    }
    return try answer.get()
}
