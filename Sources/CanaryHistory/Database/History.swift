// SPDX-License-Identifier: Apache-2.0

package import Foundation
import GRDB

/// The record of everything that happened, opened for writing: one SQLite file, or memory.
///
/// It has one pool of connections, which all parts share: whoever only reads gets `reader`, which cannot write; only
/// what drives a state folder gets `recorder`.
package struct History: Sendable {
    let access: WriteAccess

    /// Reads.
    package var reader: HistoryReader { HistoryReader(access: access.reading) }
    /// Records runs, builds, attempts, verdicts and searches.
    package var recorder: Recorder { Recorder(access: access) }
    /// Holds the notices to send.
    package var outbox: Outbox { Outbox(access: access) }
    /// Takes what people ask for and decide.
    package var inbox: RequestInbox { RequestInbox(access: access) }

    /// Opens the history of `stack` at `path`, creates it if there is none, and migrates its schema.
    ///
    /// `clock` gives the time at which something is recorded. Throws when the file belongs to another stack or to a newer
    /// canary, is not a history, or cannot be written.
    package static func open(
        path: String, stack: String, clock: @escaping @Sendable () -> Date = { Date() }
    ) throws(HistoryError) -> History {
        if try DatabaseConnection.isOccupied(path) {
            try DatabaseConnection.inspect(path, stack: stack)
        } else {
            try create(path, stack: stack)
        }
        let database = try DatabaseConnection.openForWriting(path)
        do { try migrate(database, stack: stack) } catch { throw HistoryError(error, at: path) }
        return History(access: WriteAccess(database: database, path: path, clock: clock))
    }

    /// Opens the history at `path` for reading alone: nothing is created, migrated or written.
    ///
    /// Nil if there is no file. Throws when it belongs to another stack than `stack`, if that is given, or when it does
    /// not have this version's schema.
    package static func openForReading(path: String, stack: String?) throws(HistoryError) -> HistoryReader? {
        guard try DatabaseConnection.isOccupied(path) else { return nil }
        let database = try DatabaseConnection.openForReading(path)
        try DatabaseConnection.inspect(database, at: path, stack: stack, current: true)
        return HistoryReader(access: ReadAccess(database: database, path: path))
    }

    /// An empty history of `stack` that ends with the process: the same store, without a file.
    package static func inMemory(
        stack: String, clock: @escaping @Sendable () -> Date = { Date() }
    ) throws(HistoryError) -> History {
        let database = try DatabaseConnection.openInMemory()
        do { try migrate(database, stack: stack) } catch { throw HistoryError(error, at: ":memory:") }
        return History(access: WriteAccess(database: database, path: ":memory:", clock: clock))
    }

    /// Creates an empty history next to `path` and moves it there whole, so that a full disk leaves no half of one.
    private static func create(_ path: String, stack: String) throws(HistoryError) {
        let fresh = path + ".new"
        for file in [fresh, fresh + "-journal", path + "-wal", path + "-shm"] { unlink(file) }
        do {
            let queue = try DatabaseQueue(path: fresh)
            try migrate(queue, stack: stack)
            try queue.close()
            guard rename(fresh, path) == 0 else { throw DatabaseError(resultCode: .SQLITE_IOERR) }
        } catch {
            unlink(fresh)
            throw HistoryError(error, at: path)
        }
    }

    /// Migrates, and records the stack's name if there is none yet.
    private static func migrate(_ database: any DatabaseWriter, stack: String) throws {
        try HistoryMigrations.migrator.migrate(database)
        try database.write { connection in
            try connection.perform("INSERT OR IGNORE INTO house (id, stack) VALUES (1, ?)", [stack])
        }
    }
}
