// SPDX-License-Identifier: Apache-2.0

import CanaryText

/// A YAML value and its position, without aliases, tags and duplicate keys.
struct Node {
    indirect enum Content {
        case scalar(Scalar)
        case sequence([Node])
        case mapping([Entry])
        /// Could not be read; this has been reported.
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
