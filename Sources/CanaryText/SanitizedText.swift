// SPDX-License-Identifier: Apache-2.0

/// Outside text made fit to be shown: one line, cut to size, without escapes or characters that act on what shows them.
package enum SanitizedText {
    /// `text` as one line of at most `limit` scalars.
    ///
    /// Escape sequences, control characters, marks of direction and invisible ones go; all white space is one blank;
    /// more than two marks over one letter are left out.
    package static func line(_ text: String, limit: Int) -> String {
        var plain = String.UnicodeScalarView()
        var marks = 0
        var isBlank = true
        var count = 0
        var escapes = EscapeFilter()
        for scalar in text.unicodeScalars where escapes.lets(scalar) {
            if scalar.properties.isWhitespace {
                isBlank = true
                continue
            }
            guard !isHidden(scalar) else { continue }
            let category = scalar.properties.generalCategory
            marks = category == .nonspacingMark || category == .enclosingMark ? marks + 1 : 0
            guard marks <= 2 else { continue }
            if isBlank, !plain.isEmpty {
                plain.append(" ")
                count += 1
            }
            isBlank = false
            plain.append(scalar)
            count += 1
            if count > limit { break }
        }
        guard count > limit else { return String(plain) }
        return String(String.UnicodeScalarView(plain.prefix(max(limit - 1, 0)))) + "…"
    }

    /// Controls, marks of direction, what has no width, and what is no character.
    private static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: true
        default: scalar.properties.isDefaultIgnorableCodePoint
        }
    }
}

/// Takes terminal escapes out of a stream of scalars.
private struct EscapeFilter {
    private enum State {
        case text
        case escape
        /// Colours, moves: ends with a letter.
        case sequence
        /// A title, a link: ends with BEL or ST.
        case string
    }

    private var state = State.text

    /// Whether `scalar` is no part of an escape.
    mutating func lets(_ scalar: Unicode.Scalar) -> Bool {
        // An escape never reaches over a line.
        if scalar == "\n" { state = .text }
        switch (state, scalar.value) {
        case (.string, 0x07), (.string, 0x9C): state = .text
        case (_, 0x1B): state = .escape
        case (.text, 0x9B): state = .sequence
        case (.text, 0x90), (.text, 0x98), (.text, 0x9D...0x9F): state = .string
        case (.text, _): return true
        case (.escape, 0x5B): state = .sequence
        case (.escape, 0x5D), (.escape, 0x50), (.escape, 0x58), (.escape, 0x5E...0x5F): state = .string
        case (.escape, 0x20...0x2F), (.sequence, 0x20...0x3F), (.string, _): break
        case (.escape, _), (.sequence, _): state = .text
        }
        return false
    }
}

/// Outside text as a part of a Markdown page.
package enum Markdown {
    /// `text` as a code span: there nothing is a link, a mention, a tag or an emphasis.
    package static func code(_ text: String, limit: Int = 200) -> String {
        let line = SanitizedText.line(text, limit: limit)
        guard !line.isEmpty else { return "(empty)" }
        let fence = String(repeating: "`", count: longestRun(in: line) + 1)
        let needsRoom = line.hasPrefix("`") || line.hasSuffix("`")
        return needsRoom ? "\(fence) \(line) \(fence)" : "\(fence)\(line)\(fence)"
    }

    /// `text` as a block of code, whatever is in it.
    package static func block(_ text: String, limit: Int) -> String {
        let line = SanitizedText.line(text, limit: limit)
        let fence = String(repeating: "`", count: max(3, longestRun(in: line) + 1))
        return "\(fence)\n\(line)\n\(fence)"
    }

    private static func longestRun(in line: String) -> Int {
        var (longest, run) = (0, 0)
        for byte in line.utf8 {
            run = byte == UInt8(ascii: "`") ? run + 1 : 0
            longest = max(longest, run)
        }
        return longest
    }
}
