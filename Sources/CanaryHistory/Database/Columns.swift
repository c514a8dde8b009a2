// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import Foundation
import GRDB

extension Date {
    /// Milliseconds since 1970, the unit of all times in the file.
    var milliseconds: Int64 { Int64((timeIntervalSince1970 * 1000).rounded()) }

    init(milliseconds: Int64) { self.init(timeIntervalSince1970: Double(milliseconds) / 1000) }
}

extension Database {
    /// Executes one statement, which is compiled once per connection.
    func perform(_ sql: String, _ arguments: StatementArguments = []) throws {
        try cachedStatement(sql: sql).execute(arguments: arguments)
    }

    /// All rows of one statement, which is compiled once per connection.
    func rows(_ sql: String, _ arguments: StatementArguments = []) throws -> [Row] {
        try Row.fetchAll(cachedStatement(sql: sql), arguments: arguments)
    }

    /// The first row of one statement.
    func row(_ sql: String, _ arguments: StatementArguments = []) throws -> Row? {
        try Row.fetchOne(cachedStatement(sql: sql), arguments: arguments)
    }

    /// The row number of a public id.
    func number(of id: String, in table: NamedTable) throws -> Int64 {
        let sql = "SELECT \(table.number) FROM \(table.rawValue) WHERE \(table.name) = ?"
        guard let number = try Int64.fetchOne(cachedStatement(sql: sql), arguments: [id]) else {
            throw HistoryError.notRecorded(table.word, id)
        }
        return number
    }
}

/// A table whose rows have public ids.
enum NamedTable: String {
    case runs
    case attempts
    case builds
    case episodes
    case searches

    var number: String { self == .builds ? "id" : "seq" }
    var name: String { self == .builds ? "key" : "id" }
    var word: String { String(rawValue.dropLast(self == .searches ? 2 : 1)) }
}

extension Row {
    /// A word of an enum.
    func word<Word: RawRepresentable>(_ column: String) throws -> Word where Word.RawValue == String {
        let text: String = self[column]
        guard let word = Word(rawValue: text) else {
            throw HistoryError(.damaged, "history contains the word `\(text)`, which is not a \(Word.self)")
        }
        return word
    }

    /// A word of an enum; nil if there is none.
    func optionalWord<Word: RawRepresentable>(_ column: String) throws -> Word? where Word.RawValue == String {
        let text: String? = self[column]
        return try text.map { _ in try word(column) }
    }

    func date(_ column: String) -> Date { Date(milliseconds: self[column]) }

    func optionalDate(_ column: String) -> Date? {
        let time: Int64? = self[column]
        return time.map(Date.init(milliseconds:))
    }

    /// The job of the columns `project`, `variant` and `lane`.
    func job() throws -> JobID {
        try JobID(project: self["project"], variant: self["variant"], lane: word("lane"))
    }

    /// The outcome of the columns of `run_jobs` and `attempts`; nil while there is no result.
    func outcome() throws -> Outcome? {
        guard let result: CanaryModel.Result = try optionalWord("result") else { return nil }
        return try Outcome(
            result: result, stage: optionalWord("stage"), reason: optionalWord("reason"), firstError: firstError(),
            fingerprint: self["fingerprint"])
    }

    /// The first error of the columns of `run_jobs` and `attempts`.
    func firstError() -> FirstError? {
        let text: String? = self["error_text"]
        return text.map { FirstError(text: $0, file: self["error_file"], line: self["error_line"]) }
    }
}

extension Outcome {
    /// `result, stage, reason, error_text, error_file, error_line, fingerprint`, in this order.
    var columns: [(any DatabaseValueConvertible)?] {
        [
            result.rawValue, stage?.rawValue, reason?.rawValue, firstError?.text, firstError?.file, firstError?.line,
            fingerprint,
        ]
    }
}

extension JobID {
    /// The same for a JSON list.
    var names: [String] { [project, variant, lane.rawValue] }

    /// `project, variant, lane`, in this order.
    var columns: [(any DatabaseValueConvertible)?] { [project, variant, lane.rawValue] }
}
