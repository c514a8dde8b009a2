// SPDX-License-Identifier: Apache-2.0

/// A YAML value with its place; aliases, tags and duplicate keys are gone.
struct Node {
    indirect enum Content {
        case scalar(Scalar)
        case sequence([Node])
        case mapping([Entry])
        /// Could not be taken; the report has been made.
        case refused
    }

    /// A scalar as its source text: nothing is resolved, so `OFF` stays `OFF` and `1.10` stays `1.10`.
    struct Scalar {
        let text: String
        /// Written without quotes, so that YAML may read it as a number, a boolean or null.
        let isPlain: Bool
    }

    struct Entry {
        let key: String
        let keyPosition: Position
        let value: Node
    }

    let position: Position
    let content: Content

    var isNull: Bool {
        guard case .scalar(let scalar) = content, scalar.isPlain else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(scalar.text)
    }

    /// What was found, for messages.
    var summary: String {
        switch content {
        case .sequence: "a list"
        case .mapping: "a mapping"
        case .refused: "nothing readable"
        case .scalar(let scalar): isNull ? "nothing" : quoted(scalar.text)
        }
    }
}

/// `text` in backticks for a message: one line of at most 80 characters, control characters made visible.
func quoted(_ text: String) -> String {
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
func quotedList(_ names: some Sequence<String>) -> String {
    names.map(quoted).joined(separator: ", ")
}

/// Whether a terminal might act on `scalar` instead of showing it.
func isControl(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator: true
    default: false
    }
}
