// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import CanaryText

/// Data as text of the script of a reproduction: never anything that its shell would take for more than a word, and
/// never a command to the runner of a workflow, where it may be printed.
enum ScriptText {
    /// Stands in data for the folder that the script runs in; no manifest can hold it.
    static let here = "\u{1}"
    /// Stands in data for the number of parallel jobs.
    static let jobs = "\u{2}"

    /// One word: bare where nothing in it speaks to a shell.
    static func word(_ text: String) -> String {
        if !text.isEmpty, !text.contains("::"), text.unicodeScalars.allSatisfy(isPlain) { return text }
        guard text.unicodeScalars.contains(where: { $0 == "\u{1}" || $0 == "\u{2}" }) else {
            return ShellWord.quoted(text)
        }
        let pieces = text.unicodeScalars.map { scalar in
            switch scalar {
            case "\u{1}": "$here"
            case "\u{2}": "$jobs"
            case "\\", "\"", "$", "`": "\\\(scalar)"
            default: String(scalar)
            }
        }
        return "\"\(InertCommands.filtered(pieces.joined(), separator: "\"\""))\""
    }

    private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9", "_", ".", "/", ":", "@", "%", "+", ",", "-", "=": true
        default: false
        }
    }

    /// A command of words that are text already, on as many lines as it takes.
    static func command(_ words: [String], indented indent: String = "") -> String {
        var lines: [String] = []
        var line = indent
        for word in words {
            if line.count + word.count > 110, line.contains(where: { $0 != " " }) {
                lines.append(line + " \\")
                line = indent + "   "
            }
            line += line.allSatisfy { $0 == " " } && lines.isEmpty ? word : " \(word)"
        }
        return (lines + [line]).joined(separator: "\n")
    }

    /// A line of a comment: no control characters, nothing that turns the direction of text, at most 300 characters.
    static func remark(_ text: String) -> String {
        let scalars = text.unicodeScalars.map { scalar in
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse: Unicode.Scalar(" ")
            default: scalar
            }
        }
        return InertCommands.filtered(String(String(String.UnicodeScalarView(scalars)).prefix(300)))
    }
}
