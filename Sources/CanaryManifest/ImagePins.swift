// SPDX-License-Identifier: Apache-2.0

/// Writes digests into the text of an images file, and leaves the rest as its author wrote it.
package enum ImagePins {
    /// `text` with each reference in `pins` replaced by the one it is pinned to.
    package static func rewrite(_ text: String, pins: [String: String]) -> String {
        var result = ""
        var rest = text[...]
        while let start = rest.firstIndex(where: isReferenceCharacter) {
            result += rest[..<start]
            let word = rest[start...].prefix(while: isReferenceCharacter)
            result += pins[String(word)] ?? String(word)
            rest = rest[word.endIndex...]
        }
        return result + rest
    }

    private static func isReferenceCharacter(_ character: Character) -> Bool {
        character.isASCII && (character.isLetter || character.isNumber || "._/:@-".contains(character))
    }
}
