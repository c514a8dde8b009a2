// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import GRDBSQLite

/// How the file is opened, and which files are refused.
enum DatabaseConnection {
    /// Whether there is a file that is not empty.
    static func isOccupied(_ path: String) throws(HistoryError) -> Bool {
        let values: [FileAttributeKey: Any]
        do { values = try FileManager.default.attributesOfItem(atPath: path) } catch CocoaError.fileReadNoSuchFile {
            return false
        } catch {
            // What cannot be inspected must not be taken for an empty history.
            throw HistoryError(DatabaseError(resultCode: .SQLITE_CANTOPEN), at: path)
        }
        guard values[.type] as? FileAttributeType != .typeDirectory else { throw .notHistory(path) }
        return (values[.size] as? Int) != 0
    }

    static func openForWriting(_ path: String) throws(HistoryError) -> any DatabaseWriter {
        do {
            // GRDB sets NORMAL for WAL: commits of a run reach the disk with its last one, which is durable.
            return try DatabasePool(path: path, configuration: configuration())
        } catch { throw HistoryError(error, at: path) }
    }

    static func openForReading(_ path: String) throws(HistoryError) -> any DatabaseReader {
        var configuration = configuration()
        configuration.readonly = true
        do { return try DatabaseQueue(path: path, configuration: configuration) } catch {
            throw HistoryError(error, at: path)
        }
    }

    static func openInMemory() throws(HistoryError) -> any DatabaseWriter {
        do { return try DatabaseQueue(configuration: configuration()) } catch {
            throw HistoryError(error, at: ":memory:")
        }
    }

    /// Inspects the file before anything touches it.
    static func inspect(_ path: String, stack: String) throws(HistoryError) {
        try inspect(openForReading(path), at: path, stack: stack, current: false)
    }

    /// Refuses a file that is not a history, belongs to another stack or to a newer canary; with `current`, to an older
    /// one too.
    static func inspect(
        _ database: any DatabaseReader, at path: String, stack: String?, current: Bool
    ) throws(HistoryError) {
        do { try database.read { try inspect($0, at: path, stack: stack, current: current) } } catch {
            throw HistoryError(error, at: path)
        }
    }

    private static func inspect(_ connection: Database, at path: String, stack: String?, current: Bool) throws {
        let found = try self.stack(of: connection, at: path)
        let migrator = HistoryMigrations.migrator
        if try migrator.hasBeenSuperseded(connection) {
            throw HistoryError(
                .newerSchema, "`\(path)` was written by a newer canary",
                hint: "use that one, or restore an older backup")
        }
        if let stack, stack != found {
            throw HistoryError(
                .otherStack, "`\(path)` belongs to the stack `\(found)`, not to `\(stack)`",
                hint: "give each stack a state folder of its own with `--state`")
        }
        if try current && !migrator.hasCompletedMigrations(connection) {
            throw HistoryError(
                .olderSchema, "`\(path)` was written by an older canary",
                hint: "`canary run` migrates it")
        }
    }

    /// The stack that the history belongs to.
    static func stack(of connection: Database, at path: String) throws -> String {
        guard try Int.fetchOne(connection, sql: "PRAGMA application_id") == HistoryMigrations.applicationID,
            let found = try String.fetchOne(connection, sql: "SELECT stack FROM house")
        else { throw HistoryError.notHistory(path) }
        return found
    }

    static func configuration() -> Configuration {
        var configuration = Configuration()
        configuration.busyMode = .timeout(5)
        configuration.prepareDatabase { connection in
            // Keeps `-wal` and `-shm` when the last writer closes, so that a reader need not create them.
            var keep: CInt = 1
            sqlite3_file_control(connection.sqliteConnection, nil, SQLITE_FCNTL_PERSIST_WAL, &keep)
        }
        return configuration
    }
}
