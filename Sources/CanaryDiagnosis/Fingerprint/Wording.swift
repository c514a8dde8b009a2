// SPDX-License-Identifier: Apache-2.0

/// Messages that gcc and clang word differently, and that name no missing thing.
enum Wording {
    /// The problem and what it is about; nil if the wording is not known.
    static func signature(of message: String) -> String? {
        if let expected = expected(in: message) { return "expected \(expected)" }
        for (problem, patterns) in table {
            for pattern in patterns {
                guard let names = names(in: message, by: pattern) else { continue }
                return "\(problem) \(names.map(StableName.last).joined(separator: " "))"
            }
        }
        return nil
    }

    // A name is written as its number in braces; `{}` is left out.
    private static let table: [(problem: String, patterns: [String])] = [
        (
            "conversion",
            [
                "conversion from '{1}' to non-scalar type '{2}' requested", "no viable conversion from '{1}' to '{2}'",
                "could not convert '{}' from '{1}' to '{2}'", "invalid conversion from '{1}' to '{2}'",
                "cannot convert '{1}' to '{2}'", " of type '{2}' with an rvalue of type '{1}'",
                " of type '{2}' with an lvalue of type '{1}'", "from incompatible type '{1}'",
                "no viable conversion from returned value of type '{1}' to function return type '{2}'",
            ]
        ),
        (
            "binding",
            [
                "cannot bind non-const lvalue reference of type '{1}' to",
                "non-const lvalue reference to type '{1}' cannot bind",
            ]
        ),
        (
            "operands",
            ["(operand types are '{1}' and '{2}')", "invalid operands to binary expression ('{1}' and '{2}')"]
        ),
        (
            "deleted",
            [
                "use of deleted function '{1}'", "call to deleted constructor of '{1}'",
                "call to implicitly-deleted copy constructor of '{1}'",
                "call to implicitly-deleted default constructor of '{1}'",
            ]
        ),
        ("abstract", ["variable type '{1}' is an abstract class", "to be of abstract type '{1}'"]),
        ("ambiguous", ["call of overloaded '{1}' is ambiguous", "call to '{1}' is ambiguous"]),
        (
            "read only",
            [
                "assignment of read-only parameter '{1}'", "assignment of read-only variable '{1}'",
                "cannot assign to variable '{1}' with const-qualified type",
            ]
        ),
        ("no pointer", ["operand of '->' has non-pointer type '{1}'", "member reference type '{1}' is not a pointer"]),
        (
            "option",
            ["unrecognized command-line option '{1}'", "unknown argument: '{1}'", "unknown argument '{1}'"]
        ),
    ]

    /// The names in `message`, by their numbers; nil if `pattern` does not fit.
    private static func names(in message: String, by pattern: String) -> [String]? {
        var names: [String: String] = [:]
        var rest = message[...]
        for (index, piece) in pattern.split(separator: "{", omittingEmptySubsequences: false).enumerated() {
            guard index > 0 else {
                guard let (_, after) = rest.split(at: String(piece)) else { return nil }
                rest = after
                continue
            }
            guard let (number, words) = piece.split(at: "}"), let (name, after) = rest.split(at: String(words)) else {
                return nil
            }
            names[String(number)] = String(name)
            rest = after
        }
        names[""] = nil
        return names.sorted { $0.key < $1.key }.map(\.value)
    }

    /// `;` for `expected ',' or ';' before 'return'` and `expected ';' at end of declaration`.
    private static func expected(in message: String) -> String? {
        guard message.hasPrefix("expected ") else { return nil }
        let rest = message.dropFirst("expected ".count)
        let ends = [" before ", " after ", " at end of ", " in ", " to "].compactMap {
            rest.firstRange(of: $0)?.lowerBound
        }
        let what = rest[..<(ends.min() ?? rest.endIndex)]
        if what.contains("';'") { return ";" }
        let last = what.split(separator: " or ").last ?? what
        return last == "primary-expression" ? "expression" : String(last)
    }
}
