// SPDX-License-Identifier: Apache-2.0

import GRDB

/// Why history could not be opened, read or written.
package struct HistoryError: Error, Hashable, CustomStringConvertible {
    /// The kind of error: what callers decide by.
    package enum Code: String, CaseIterable, Sendable {
        /// The file belongs to another stack.
        case otherStack
        /// A newer canary wrote the file.
        case newerSchema
        /// An older canary wrote the file, and a reader must not migrate it.
        case olderSchema
        /// The file is not a history.
        case notADatabase
        /// Another process kept the file locked for too long.
        case busy
        case diskFull
        /// The file or its folder cannot be written.
        case readOnly
        /// The file cannot be opened at all.
        case cannotOpen
        /// The file contradicts itself, or holds words this canary does not know.
        case damaged
        /// The disk failed to read or write.
        case inputOutput
        /// No such run, attempt, build, job or episode.
        case notRecorded
        /// The keys of several builds begin with what was given.
        case ambiguous
        /// What was to be recorded contradicts what is recorded.
        case contradiction
        /// Anything else SQLite says.
        case other
    }

    /// The kind of error.
    package let code: Code
    /// One line for people: lower case, names in backticks, without a final stop.
    package let text: String
    /// What to do about it; nil when that is obvious.
    package let hint: String?

    /// Makes an error.
    package init(_ code: Code, _ text: String, hint: String? = nil) {
        self.code = code
        self.text = text
        self.hint = hint
    }

    package var description: String { hint.map { "\(text)\nhint: \($0)" } ?? text }
}

extension HistoryError {
    /// What `error` at the file `path` means.
    init(_ error: any Error, at path: String) {
        switch error {
        case let error as HistoryError: self = error
        case let error as DatabaseError: self.init(error, at: path)
        default: self.init(.damaged, "`\(path)` contains what cannot be read: \(error)", hint: Self.restore)
        }
    }

    static let restore = "`canary restore FILE --force` replaces it with a backup; `--state` chooses another folder"

    private init(_ error: DatabaseError, at path: String) {
        let said = error.message ?? error.resultCode.description
        switch error.resultCode {
        case .SQLITE_BUSY, .SQLITE_LOCKED:
            self.init(.busy, "`\(path)` is locked by another process", hint: "wait until it ends and try again")
        case .SQLITE_FULL:
            self.init(
                .diskFull, "the disk is full: `\(path)` cannot grow",
                hint: "free some space, or use `--state` to choose another folder")
        case .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_AUTH:
            self.init(.readOnly, "`\(path)` cannot be written", hint: "check the owner and mode of file and folder")
        case .SQLITE_CANTOPEN:
            self.init(.cannotOpen, "`\(path)` cannot be opened", hint: "check the owner and mode of file and folder")
        case .SQLITE_NOTADB: self = .notHistory(path)
        case .SQLITE_CORRUPT:
            self.init(.damaged, "`\(path)` is damaged: \(said)", hint: Self.restore)
        case .SQLITE_IOERR:
            self.init(.inputOutput, "`\(path)` cannot be read or written: \(said)", hint: "check the disk")
        case .SQLITE_CONSTRAINT:
            self.init(.contradiction, "`\(path)` refuses what contradicts it: \(said)")
        default: self.init(.other, "`\(path)`: \(said)")
        }
    }

    static func notHistory(_ path: String) -> HistoryError {
        HistoryError(
            .notADatabase, "`\(path)` is not a history of canary", hint: "use `--state` to choose another state folder")
    }

    static func notRecorded(_ kind: String, _ id: String) -> HistoryError {
        HistoryError(.notRecorded, "no \(kind) `\(id)` in history")
    }
}
