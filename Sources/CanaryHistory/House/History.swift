// SPDX-License-Identifier: Apache-2.0

package import Foundation
import GRDB

/// The record of all that happened: one SQLite file, or memory.
///
/// Every call is one transaction. A call that has begun is carried out even when its task is cancelled, so that
/// an interrupted run can still write that it was. Times are kept in whole milliseconds.
package struct History: Sendable {
    let database: any DatabaseWriter
    let path: String
    let clock: @Sendable () -> Date

    /// Opens the history of `stack` at `path`, creates it when there is none, and brings its schema up to date.
    ///
    /// `clock` tells when something was recorded. Throws when the file belongs to another stack or to a newer canary,
    /// is no history, or cannot be written.
    package static func open(
        path: String, stack: String, clock: @escaping @Sendable () -> Date = { Date() }
    ) throws(HistoryError) -> History {
        if try DatabaseConnection.isOccupied(path) {
            try DatabaseConnection.inspect(path, stack: stack)
        } else {
            try found(path, stack: stack)
        }
        let database = try DatabaseConnection.openForWriting(path)
        let history = History(database: database, path: path, clock: clock)
        do { try settle(database, stack: stack) } catch { throw HistoryError(error, at: path) }
        return history
    }

    /// Opens the history at `path` to read it alone: nothing is created, migrated or written.
    ///
    /// Nil when there is no file. Throws when it belongs to another stack than `stack`, where that is given, or when
    /// it does not have this version's schema.
    package static func openForReading(path: String, stack: String?) throws(HistoryError) -> History? {
        guard try DatabaseConnection.isOccupied(path) else { return nil }
        let database = try DatabaseConnection.openForReading(path)
        try DatabaseConnection.inspect(database, at: path, stack: stack, current: true)
        return History(database: database, path: path, clock: { Date() })
    }

    /// An empty history of `stack` that ends with the process: the same store, without a file.
    package static func inMemory(
        stack: String, clock: @escaping @Sendable () -> Date = { Date() }
    ) throws(HistoryError) -> History {
        let database = try DatabaseConnection.openInMemory()
        do { try settle(database, stack: stack) } catch { throw HistoryError(error, at: ":memory:") }
        return History(database: database, path: ":memory:", clock: clock)
    }

    /// Makes an empty history beside `path` and moves it there whole: what a full disk tears is not taken for one.
    private static func found(_ path: String, stack: String) throws(HistoryError) {
        let fresh = path + ".new"
        for file in [fresh, fresh + "-journal", path + "-wal", path + "-shm"] { unlink(file) }
        do {
            let queue = try DatabaseQueue(path: fresh)
            try settle(queue, stack: stack)
            try queue.close()
            guard rename(fresh, path) == 0 else { throw DatabaseError(resultCode: .SQLITE_IOERR) }
        } catch {
            unlink(fresh)
            throw HistoryError(error, at: path)
        }
    }

    /// Migrates, and puts down the stack's name where there is none.
    private static func settle(_ database: any DatabaseWriter, stack: String) throws {
        try HistoryMigrations.migrator.migrate(database)
        try database.write { connection in
            try connection.perform("INSERT OR IGNORE INTO house (id, stack) VALUES (1, ?)", [stack])
        }
    }
}

extension History {
    /// Reads in one consistent view of the file.
    func read<Value: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> Value
    ) async throws(HistoryError) -> Value {
        let answer: Swift.Result<Value, HistoryError> = await withCheckedContinuation { continuation in
            database.asyncRead { connection in
                let value = Swift.Result { try body(connection.get()) }
                continuation.resume(returning: value.mapError { HistoryError($0, at: path) })
            }
        }
        return try answer.get()
    }

    /// Writes all of `body` or nothing, and notes the time of the change.
    ///
    /// A commit survives our own death at any instant; with `durably` it is on the disk when this returns, with all
    /// commits before it, and survives the machine's.
    @discardableResult
    func write<Value: Sendable>(
        durably: Bool = false, _ body: @escaping @Sendable (Database) throws -> Value
    ) async throws(HistoryError) -> Value {
        let answer: Swift.Result<Value, HistoryError> = await withCheckedContinuation { continuation in
            database.asyncWriteWithoutTransaction { connection in
                let value = Swift.Result {
                    if durably { try connection.execute(sql: "PRAGMA synchronous = FULL") }
                    defer { if durably { try? connection.execute(sql: "PRAGMA synchronous = NORMAL") } }
                    return try committing(connection, body)
                }
                continuation.resume(returning: value.mapError { HistoryError($0, at: path) })
            }
        }
        return try answer.get()
    }

    private func committing<Value>(_ connection: Database, _ body: (Database) throws -> Value) throws -> Value {
        var value: Value?
        try connection.inTransaction(.immediate) {
            value = try noting(connection, body)
            return .commit
        }
        guard let value else { throw DatabaseError(resultCode: .SQLITE_ABORT) }
        return value
    }

    /// The time of the last change only moves forward, at least a millisecond a change: it serves as a version.
    private func noting<Value>(_ connection: Database, _ body: (Database) throws -> Value) throws -> Value {
        let before = connection.totalChangesCount
        let value = try body(connection)
        if connection.totalChangesCount != before {
            try connection.perform(
                "UPDATE house SET changed_at = max(?, coalesce(changed_at + 1, 0))", [clock().milliseconds])
        }
        return value
    }
}
