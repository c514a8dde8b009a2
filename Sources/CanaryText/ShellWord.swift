// SPDX-License-Identifier: Apache-2.0

/// Data as one word of a shell's text.
package enum ShellWord {
    /// `value` in single quotes: the shell reads it as it is, whatever it holds.
    package static func quoted(_ value: String) -> String {
        // By scalars: a quote that carries a combining mark is one character, and still ends a shell's string.
        let pieces = value.unicodeScalars.split(separator: "'", omittingEmptySubsequences: false)
        return "'" + pieces.map { String($0) }.joined(separator: "'\\''") + "'"
    }
}
