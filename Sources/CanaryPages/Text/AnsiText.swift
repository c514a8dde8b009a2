// SPDX-License-Identifier: Apache-2.0

import CanaryText

/// Turns what a program printed into HTML, line by line: colours become classes, all other escapes are removed.
///
/// Only the sixteen named colours, bold, faint, italic and underline are kept; a line's markup is closed at its end and
/// opened again in the next.
struct AnsiText: Sendable {
    private struct Look: Equatable {
        var colour: Int?
        var ground: Int?
        var isBold = false
        var isFaint = false
        var isItalic = false
        var isUnderlined = false

        var classes: String {
            var names: [String] = []
            if let colour { names.append("c\(colour)") }
            if let ground { names.append("b\(ground)") }
            if isBold { names.append("bold") }
            if isFaint { names.append("faint") }
            if isItalic { names.append("it") }
            if isUnderlined { names.append("ul") }
            return names.joined(separator: " ")
        }
    }

    private var look = Look()

    /// The HTML of the next line, without its newline.
    mutating func html(of line: Slice<UnsafeRawBufferPointer>) -> String {
        var (html, text) = ("", "")
        var parser = TerminalParser()
        func receive(_ event: TerminalParser.Event) {
            switch event {
            case .text(let bytes): text += String(decoding: bytes, as: UTF8.self)
            case .newline: text += "\n"
            case .brokenCharacter: text += "\u{FFFD}"
            case .style(let parameters):
                let before = look
                apply(parameters.numbers[...])
                if look != before { flush(&text, as: before, into: &html) }
            }
        }
        parser.parse(UnsafeRawBufferPointer(rebasing: line), receive)
        parser.finish(receive)
        flush(&text, as: look, into: &html)
        return html
    }

    private func flush(_ text: inout String, as look: Look, into html: inout String) {
        guard !text.isEmpty else { return }
        let shown = HTMLText.html(text)
        let classes = look.classes
        html += classes.isEmpty ? shown : "<span class=\"\(classes)\">\(shown)</span>"
        text = ""
    }

    private mutating func apply(_ numbers: ArraySlice<Int>) {
        var numbers = numbers
        while let number = numbers.popFirst() {
            switch number {
            case 0: look = Look()
            case 1: look.isBold = true
            case 2: look.isFaint = true
            case 3: look.isItalic = true
            case 4: look.isUnderlined = true
            case 22:
                look.isBold = false
                look.isFaint = false
            case 23: look.isItalic = false
            case 24: look.isUnderlined = false
            case 30...37: look.colour = number - 30
            case 39: look.colour = nil
            case 40...47: look.ground = number - 40
            case 49: look.ground = nil
            case 90...97: look.colour = number - 82
            case 100...107: look.ground = number - 92
            case 38, 48:
                // A colour of 256 or of millions: the first sixteen are known, of the others only the length.
                let kind = numbers.popFirst()
                let index = kind == 5 ? numbers.popFirst() : nil
                if kind == 2 { numbers = numbers.dropFirst(3) }
                let known = index.flatMap { (0..<16).contains($0) ? $0 : nil }
                if number == 38 { look.colour = known } else { look.ground = known }
            default: break
            }
        }
    }
}
