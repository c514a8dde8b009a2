// SPDX-License-Identifier: Apache-2.0

/// Outside text made safe to show: one line, cut to size, without escapes or characters that act on what shows them.
package enum SanitizedText {
    /// `text` as one line of at most `limit` scalars.
    ///
    /// Escape sequences, control characters, direction marks and invisible characters are removed; a run of white space
    /// becomes one space; more than two combining marks on one letter are left out.
    package static func line(_ text: String, limit: Int) -> String {
        var plain = String.UnicodeScalarView()
        var marks = 0
        var isBlank = true
        var count = 0
        for scalar in PlainText.of(text.utf8).unicodeScalars {
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

    /// Controls, direction marks, characters without width, and code points that are not characters.
    private static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: true
        default: scalar.properties.isDefaultIgnorableCodePoint
        }
    }
}
