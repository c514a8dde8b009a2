// SPDX-License-Identifier: Apache-2.0

import GRDB

/// Why history could not be opened, read or written.
package struct HistoryError: Error, Hashable, CustomStringConvertible {
    /// What kind of trouble it is: what callers decide by.
    package enum Code: String, CaseIterable, Sendable {
        /// The file belongs to another stack.
        case otherStack
        /// A newer canary wrote the file.
        case newerSchema
        /// An older canary wrote the file, and reading alone may not bring it up to date.
        case olderSchema
        /// The file is no history.
        case notADatabase
        /// Somebody else kept the file locked for too long.
        case busy
        case diskFull
        /// The file or its folder may not be written.
        case readOnly
        /// The file cannot be opened at all.
        case cannotOpen
        /// The file contradicts itself, or holds words this canary does not know.
        case damaged
        /// The disk did not do what was asked.
        case inputOutput
        /// No such run, attempt, build, job or episode.
        case notRecorded
        /// A beginning of a key that several builds share.
        case ambiguous
        /// What was to be written contradicts what is written.
        case contradiction
        /// Anything else SQLite says.
        case other
    }

    /// What kind of trouble it is.
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
    /// What `error`, met at the file `path`, means.
    init(_ error: any Error, at path: String) {
        switch error {
        case let error as HistoryError: self = error
        case let error as DatabaseError: self.init(error, at: path)
        default: self.init(.damaged, "`\(path)` holds what cannot be read: \(error)", hint: Self.restore)
        }
    }

    static let restore = "`canary restore FILE --force` puts a backup in its place; `--state` names another folder"

    private init(_ error: DatabaseError, at path: String) {
        let said = error.message ?? error.resultCode.description
        switch error.resultCode {
        case .SQLITE_BUSY, .SQLITE_LOCKED:
            self.init(.busy, "`\(path)` is locked by another process", hint: "wait until it ends and try again")
        case .SQLITE_FULL:
            self.init(
                .diskFull, "the disk is full: `\(path)` cannot grow",
                hint: "make room, or name another folder with `--state`")
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
            .notADatabase, "`\(path)` is not a history of canary", hint: "name another state folder with `--state`")
    }

    static func notRecorded(_ kind: String, _ id: String) -> HistoryError {
        HistoryError(.notRecorded, "history knows no \(kind) `\(id)`")
    }
}
