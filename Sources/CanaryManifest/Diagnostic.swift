// SPDX-License-Identifier: Apache-2.0

/// One problem of the manifests, at the position that has to be changed.
package struct Diagnostic: CustomStringConvertible, Hashable, Sendable {
    /// Whether the stack can be used nevertheless.
    package enum Severity: String, Hashable, Codable, Sendable {
        /// The stack cannot be used.
        case error
        /// The stack can be used.
        case warning
    }

    /// Whether it is an error.
    package let severity: Severity
    /// The file, as the user would type it.
    package let path: String
    /// The line, from 1.
    package let line: Int
    /// The column, from 1, counted in Unicode scalars.
    package let column: Int
    /// What is wrong: lower case, names in backticks, no full stop at the end.
    package let message: String
    /// How to mend it, when that is known.
    package private(set) var hint: String?

    /// `path:line:column: error: message`, and a second line with the hint.
    package var description: String {
        let first = "\(path):\(line):\(column): \(severity.rawValue): \(message)"
        return hint.map { "\(first)\n  hint: \($0)" } ?? first
    }

    /// Whether `left` is listed before `right`: by path, line, column, then text.
    static func isListed(_ left: Diagnostic, before right: Diagnostic) -> Bool {
        if left.path != right.path { return left.path < right.path }
        return (left.line, left.column, left.message) < (right.line, right.column, right.message)
    }
}
