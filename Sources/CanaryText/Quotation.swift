// SPDX-License-Identifier: Apache-2.0

/// `text` in backticks for a message: one line of at most 80 characters, control characters made visible.
package func quoted(_ text: some StringProtocol) -> String {
    var shown = ""
    for scalar in text.unicodeScalars.prefix(80) {
        if isControl(scalar) {
            shown += "\\u{" + String(scalar.value, radix: 16) + "}"
        } else {
            shown.unicodeScalars.append(scalar)
        }
    }
    return "`\(shown)\(text.unicodeScalars.count > 80 ? "..." : "")`"
}

/// `names` in backticks, separated by commas.
package func quotedList(_ names: some Sequence<String>) -> String {
    names.map { quoted($0) }.joined(separator: ", ")
}

/// Data as one word of a shell's text.
package enum ShellWord {
    /// `value` in single quotes: the shell reads it as it is, whatever it holds.
    ///
    /// A command of a workflow in it has an end and a beginning of quotes inside, so that the text can be printed anywhere.
    package static func quoted(_ value: String) -> String {
        // By scalars: a quote that carries a combining mark is one character, and still ends a shell's string.
        let pieces = value.unicodeScalars.split(separator: "'", omittingEmptySubsequences: false)
        let text = pieces.map { InertCommands.filtered(String($0), separator: "''") }
        return "'" + text.joined(separator: "'\\''") + "'"
    }

    /// `value` as people type it: in quotes only where the shell would read it differently.
    package static func typed(_ value: String) -> String {
        value.wholeMatch(of: /[A-Za-z0-9_.,:=@%+\/-]+/) == nil ? quoted(value) : value
    }
}

/// Whether a terminal might act on `scalar` instead of showing it.
private func isControl(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator: true
    default: false
    }
}
