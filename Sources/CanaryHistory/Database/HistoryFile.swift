// SPDX-License-Identifier: Apache-2.0

package import Foundation
import GRDB

/// A history as a file to examine, copy or replace, while others read and write it.
package enum HistoryFile {
    /// What an examination of a file found.
    package struct Examination: Hashable, Sendable {
        /// How its schema compares with ours.
        package enum Age: Hashable, Sendable {
            /// The next run migrates it.
            case older
            case current
            /// Only a newer canary can use it.
            case newer
        }

        /// The stack it belongs to.
        package let stack: String
        /// How its schema compares with ours.
        package let age: Age
        /// What SQLite finds wrong with it, at most ten lines; nothing in a sound file.
        package let problems: [String]
        /// How many runs it holds.
        package let runs: Int
        /// When the newest record in it was made; nil for an empty history.
        package let newestRow: Date?
    }

    /// Examines the whole file at `path` and changes nothing.
    ///
    /// - Throws: `notADatabase`, `damaged`, or what else prevents reading it.
    package static func examine(_ path: String) async throws(HistoryError) -> Examination {
        try await blocking(at: path) {
            guard try DatabaseConnection.isOccupied(path) else { throw HistoryError.notHistory(path) }
            return try look(at: path)
        }
    }

    /// Copies a consistent state of the file at `path` to `target`, whole or not at all.
    ///
    /// The copy is one file, sound, and on the disk when this returns. It replaces what was at `target`.
    ///
    /// - Returns: what was copied.
    /// - Throws: `damaged` if that is not sound; then there is no copy.
    package static func copy(_ path: String, to target: String) async throws(HistoryError) -> Examination {
        try await blocking(at: path) {
            try publish(path, at: target) { copy in
                let found = try look(at: copy)
                guard let first = found.problems.first else { return found }
                throw HistoryError(.damaged, "`\(path)` is damaged: \(first)", hint: HistoryError.restore)
            }
        }
    }

    /// Whether there is anything at `path`, a history or not.
    package static func exists(_ path: String) throws(HistoryError) -> Bool { try DatabaseConnection.isOccupied(path) }

    /// Copies the file at `path` next to the history at `live`, ready to replace it.
    ///
    /// - Parameters:
    ///   - now: when its content changes for readers.
    ///   - isDoubtful: whether the prefix of a build, stored since a time, may no longer be what was stored; these are
    ///     forgotten in the copy.
    /// - Returns: how many prefixes were forgotten.
    package static func prepare(
        _ path: String, for live: String, now: Date,
        forgetting isDoubtful: @escaping @Sendable (_ project: String, _ key: String, _ since: Date) -> Bool
    ) async throws(HistoryError) -> Int {
        try await blocking(at: live) {
            let copy = live + fresh
            try duplicate(path, at: copy)
            let queue = try DatabaseQueue(path: copy)
            let forgotten = try queue.write { connection in
                let stored = """
                    SELECT p.id, b.project, b.key, p.created_at FROM prefixes p JOIN builds b ON b.id = p.build
                    WHERE p.removed_at IS NULL
                    """
                let doubtful = try connection.rows(stored).filter { row in
                    isDoubtful(row["project"], row["key"], row.date("created_at"))
                }
                for row in doubtful {
                    try connection.perform(
                        "UPDATE prefixes SET removed_at = max(created_at, ?) WHERE id = ?",
                        [now.milliseconds, row["id"] as Int64])
                }
                try connection.perform(
                    "UPDATE house SET changed_at = max(?, coalesce(changed_at, 0))", [now.milliseconds])
                return doubtful.count
            }
            try queue.close()
            try reachDisk(copy)
            return forgotten
        }
    }

    /// Replaces the history at `live` with the copy that `prepare` made, atomically.
    ///
    /// Concurrent readers see either the old or the new history. The old file moves to `aside`, whatever it was.
    ///
    /// - Returns: whether there was an old file.
    package static func replace(at live: String, keeping aside: String) async throws(HistoryError) -> Bool {
        try await blocking(at: live) {
            let copy = live + fresh
            let isOccupied = try DatabaseConnection.isOccupied(live)
            if isOccupied {
                do {
                    try publish(live, at: aside) { _ in }
                    try overwrite(live, with: copy)
                    remove(copy)
                    return true
                } catch let error as HistoryError where error.code == .notADatabase || error.code == .damaged {
                    try move(live, to: aside)
                }
            }
            // The write-ahead log of the old file would be applied to the new one.
            sidecars.forEach { unlink(live + $0) }
            try rename(copy, to: live)
            return isOccupied
        }
    }

    /// Removes the copy of a `prepare` that no `replace` followed.
    package static func removeLeftovers(of live: String) { remove(live + fresh) }
}

extension HistoryFile {
    private static let fresh = ".restoring"
    private static let sidecars = ["-wal", "-shm", "-journal"]

    private static func look(at path: String) throws -> Examination {
        try DatabaseConnection.openForReading(path).read { connection in
            let stack = try DatabaseConnection.stack(of: connection, at: path)
            let migrator = HistoryMigrations.migrator
            let isCurrent = try migrator.hasCompletedMigrations(connection)
            return try Examination(
                stack: stack, age: migrator.hasBeenSuperseded(connection) ? .newer : isCurrent ? .current : .older,
                problems: problems(of: connection),
                runs: Int.fetchOne(connection, sql: "SELECT count(*) FROM runs") ?? 0,
                newestRow: newestRow(of: connection))
        }
    }

    private static func problems(of connection: Database) throws -> [String] {
        let integrity = try String.fetchAll(connection, sql: "PRAGMA integrity_check(10)").filter { $0 != "ok" }
        let strays = try Row.fetchAll(connection, sql: "PRAGMA foreign_key_check").prefix(10 - min(10, integrity.count))
        return integrity
            + strays.map { row in
                "a row of `\(row[0] as String)` refers to a row of `\(row[2] as String)` that does not exist"
            }
    }

    private static func newestRow(of connection: Database) throws -> Date? {
        let sql =
            "SELECT max(coalesce(changed_at, 0), coalesce((SELECT max(started_at) FROM runs), 0)) AS at FROM house"
        guard let newest = try connection.row(sql)?.date("at"), newest.milliseconds > 0 else { return nil }
        return newest
    }

    /// Copies to a name next to `target` first, and removes what earlier copies left there when they were killed.
    private static func publish<Value>(
        _ path: String, at target: String, verifying: (_ copy: String) throws -> Value
    ) throws -> Value {
        let folder = (target as NSString).deletingLastPathComponent
        let start = (target as NSString).lastPathComponent + ".part-"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.isEmpty ? "." : folder)) ?? []
        for name in names where name.hasPrefix(start) {
            guard let pid = pid_t(name.dropFirst(start.count)), kill(pid, 0) != 0, errno == ESRCH else { continue }
            remove((folder as NSString).appendingPathComponent(name))
        }
        let part = "\(target).part-\(getpid())"
        defer { remove(part) }
        try duplicate(path, at: part)
        let value = try verifying(part)
        try reachDisk(part)
        try rename(part, to: target)
        return value
    }

    /// Copies page by page, from one consistent state of the source.
    private static func duplicate(_ path: String, at copy: String) throws {
        remove(copy)
        // For this user alone, wherever it lies; SQLite keeps the mode.
        close(open(copy, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600))
        do {
            let source = try DatabaseConnection.openForReading(path)
            let queue = try DatabaseQueue(path: copy)
            try source.backup(to: queue)
            // The copy is one file, without a write-ahead log.
            try queue.writeWithoutTransaction { _ = try String.fetchOne($0, sql: "PRAGMA journal_mode = DELETE") }
            try queue.close()
        } catch let error as DatabaseError {
            let isOurs = [.SQLITE_FULL, .SQLITE_CANTOPEN, .SQLITE_READONLY, .SQLITE_PERM].contains(error.resultCode)
            throw HistoryError(error, at: isOurs ? copy : path)
        }
    }

    private static func overwrite(_ live: String, with copy: String) throws {
        let source = try DatabaseQueue(path: copy)
        let target = try DatabaseQueue(path: live, configuration: DatabaseConnection.configuration())
        try target.writeWithoutTransaction { connection in
            try connection.execute(sql: "PRAGMA synchronous = FULL")
            try source.read { try $0.backup(to: connection) }
            // Frees the space of the log, unless a reader prevents it.
            _ = try? Row.fetchAll(connection, sql: "PRAGMA wal_checkpoint(TRUNCATE)")
        }
    }

    private static func move(_ live: String, to aside: String) throws {
        // The file first: without it SQLite ignores a log that is left.
        for end in [""] + sidecars where access(live + end, F_OK) == 0 { try rename(live + end, to: aside + end) }
    }

    private static func remove(_ path: String) { ([""] + sidecars).forEach { unlink(path + $0) } }

    private static func rename(_ from: String, to target: String) throws {
        guard Foundation.rename(from, target) == 0 else { throw failure("moved", from) }
        let folder = (target as NSString).deletingLastPathComponent
        try reachDisk(folder.isEmpty ? "." : folder)
    }

    private static func reachDisk(_ path: String) throws {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw failure("opened", path) }
        defer { close(file) }
        guard fsync(file) == 0 else { throw failure("brought to the disk", path) }
    }

    private static func failure(_ what: String, _ path: String) -> HistoryError {
        let code = errno
        return HistoryError(
            code == ENOSPC || code == EDQUOT ? .diskFull : .inputOutput,
            "`\(path)` cannot be \(what): \(String(cString: strerror(code)))", hint: "check the disk")
    }

    /// Runs `body`, which is slow, on a thread that no task needs.
    private static func blocking<Value: Sendable>(
        at path: String, _ body: @escaping @Sendable () throws -> Value
    ) async throws(HistoryError) -> Value {
        try await waiting(at: path) { finish in
            DispatchQueue.global().async { finish(Swift.Result { try body() }) }
        }
    }
}
