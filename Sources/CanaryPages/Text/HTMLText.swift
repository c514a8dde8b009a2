// SPDX-License-Identifier: Apache-2.0

import Mustache

/// Escapes outside text, so that a page shows it and does nothing else with it.
///
/// Besides the five special characters of HTML, it writes out direction marks and replaces control characters with
/// U+FFFD.
enum HTMLText: Sendable {
    /// `text`, escaped for the content of an element or a quoted attribute.
    static func html(_ text: some StringProtocol) -> String {
        guard text.utf8.contains(where: isSpecial) else { return String(text) }
        var html = ""
        html.reserveCapacity(text.utf8.count + 64)
        append(text, to: &html)
        return html
    }

    /// `path`, escaped for the content of an element, with a possible line break after each slash.
    static func path(_ path: String) -> String { html(path).replacing("/", with: "/<wbr>") }

    /// Appends `text` to `html`, escaped.
    static func append(_ text: some StringProtocol, to html: inout String) {
        for scalar in text.unicodeScalars {
            if let replacement = replacement(for: scalar) {
                html += replacement
            } else {
                html.unicodeScalars.append(scalar)
            }
        }
    }

    /// `text`, or its beginning and an ellipsis if it has more than `limit` characters.
    static func clipped(_ text: String, to limit: Int) -> String {
        guard text.utf8.count > limit, let end = text.index(text.startIndex, offsetBy: limit, limitedBy: text.endIndex),
            end < text.endIndex
        else { return text }
        return text[..<end] + "…"
    }

    /// Whether a byte may begin a character that needs a replacement.
    private static func isSpecial(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x26, 0x3C, 0x3E, 0x22, 0x27, 0x7F: true
        // The lead bytes of the characters beyond ASCII that `replacement` handles.
        case 0xC2, 0xD8, 0xE2, 0xEF, 0xF3: true
        case ..<0x20: byte != 0x0A && byte != 0x09
        default: false
        }
    }

    private static func replacement(for scalar: Unicode.Scalar) -> String? {
        switch scalar.value {
        case 0x26: "&amp;"
        case 0x3C: "&lt;"
        case 0x3E: "&gt;"
        case 0x22: "&quot;"
        case 0x27: "&#39;"
        case 0x09, 0x0A: nil
        case ..<0x20, 0x7F...0x9F, 0xFFF9...0xFFFB: "\u{FFFD}"
        case 0x2028, 0x2029: " "
        case 0x061C, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x206F, 0xFEFF, 0xE0000...0xE007F:
            "‹U+\(String(scalar.value, radix: 16, uppercase: true))›"
        default: nil
        }
    }
}

/// Escapes the values that templates insert.
struct HTMLContent: MustacheContentType {
    func escapeText(_ text: String) -> String { HTMLText.html(text) }
}
