// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Finds a symbol, as compilers and linkers print it, among mangled names: `Imath::Vec3<float>::length() const`.
///
/// A mangled name contains each word of the qualified name after its length, so nothing needs to be demangled.
struct MangledNameMatcher {
    /// `9Imath_3_1`, `4Vec3`, `6length`.
    private let words: [String]

    init(_ text: String) {
        var names = Self.qualified(text).split(separator: ":")
        // Constructors and destructors have no word of their own in a mangled name.
        if names.count > 1, let last = names.last, last == names[names.count - 2] || last.hasPrefix("~") {
            names.removeLast()
        }
        words = names.map { "\($0.utf8.count)\($0)" }
    }

    /// Whether one of these mangled names contains all the words in this order.
    func isAmong(_ symbols: some Sequence<String>) -> Bool { !words.isEmpty && symbols.contains(where: fits) }

    private func fits(_ symbol: String) -> Bool {
        guard symbol.hasPrefix("_Z") else { return false }
        var rest = symbol[...]
        for word in words {
            guard let range = rest.range(of: word, options: .literal) else { return false }
            rest = rest[range.upperBound...]
        }
        return true
    }

    /// The name without return type, template arguments and parameters, and without an operator.
    private static func qualified(_ text: String) -> Substring {
        var name = ""
        var depth = 0
        let whole = text.range(of: "::operator").map { text[..<$0.lowerBound] } ?? text[...]
        scan: for character in whole.replacing("(anonymous namespace)", with: "") {
            switch character {
            case "<": depth += 1
            case ">": depth -= 1
            case "(" where depth == 0: break scan
            case _ where depth == 0: name.append(character)
            default: break
            }
        }
        return name.split(separator: " ").last ?? ""
    }
}
