// SPDX-License-Identifier: Apache-2.0

/// Writes digests into the text of an images file, and leaves the rest as its author wrote it.
package enum ImagePins {
    /// `text` with each reference in `pins` replaced by the one it is pinned to; comments stay.
    package static func rewrite(_ text: String, pins: [String: String]) -> String {
        var result = ""
        var rest = text[...]
        var quote: Character?
        var isComment = false
        while let next = rest.first {
            if !isComment, isReferenceCharacter(next) {
                let word = rest.prefix(while: isReferenceCharacter)
                result += pins[String(word)] ?? String(word)
                rest = rest[word.endIndex...]
                continue
            }
            switch next {
            case _ where next.isNewline:
                isComment = false
                quote = nil
            case "#" where quote == nil: isComment = isComment || result.last?.isWhitespace != false
            case "\"", "'": quote = quote == nil ? next : quote == next ? nil : quote
            default: break
            }
            result.append(next)
            rest.removeFirst()
        }
        return result
    }

    private static func isReferenceCharacter(_ character: Character) -> Bool {
        character.isASCII && (character.isLetter || character.isNumber || "._/:@-".contains(character))
    }
}
