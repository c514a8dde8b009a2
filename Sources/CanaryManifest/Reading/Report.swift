// SPDX-License-Identifier: Apache-2.0

import CanaryText

/// Collects the diagnostics of one load.
final class Report {
    private var diagnostics: Set<Diagnostic> = []

    func add(_ diagnostic: Diagnostic) { diagnostics.insert(diagnostic) }

    var hasErrors: Bool { diagnostics.contains { $0.severity == .error } }

    var sorted: [Diagnostic] { diagnostics.sorted(by: Diagnostic.isListed) }
}

/// A position in a file; line and column count from 1.
struct Position: Hashable, Sendable {
    let line: Int
    let column: Int

    static let start = Position(line: 1, column: 1)
}

/// A file that diagnostics can point into.
struct Source {
    /// As the user would type it.
    let path: String
    let report: Report

    func error(_ message: String, at position: Position = .start, hint: String? = nil) {
        add(.error, message, at: position, hint: hint)
    }

    func warning(_ message: String, at position: Position = .start, hint: String? = nil) {
        add(.warning, message, at: position, hint: hint)
    }

    /// Reports that there is no `kind` called `name`, with the nearest of the `known` names, else all of them.
    func unknown(
        _ kind: String, _ name: String, among known: [String], at position: Position, listedAs label: String = "known"
    ) {
        let question = NearestName.question(name, among: known)
        let hint = question == nil && !known.isEmpty ? "\(label): \(quotedList(known))" : nil
        error("unknown \(kind) \(quoted(name))\(question.map { ", \($0)" } ?? "")", at: position, hint: hint)
    }

    private func add(_ severity: Diagnostic.Severity, _ message: String, at position: Position, hint: String?) {
        report.add(
            Diagnostic(
                severity: severity, path: path, line: position.line, column: position.column, message: message,
                hint: hint))
    }
}
