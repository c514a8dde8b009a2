// SPDX-License-Identifier: Apache-2.0

/// Turns what a program printed into HTML, line by line: colours become classes, all other escapes vanish.
///
/// Only the sixteen named colours, bold, faint, italic and underline are kept; a line's markup is closed at its end and
/// opened again in the next.
struct AnsiText: Sendable {
    typealias Bytes = Slice<UnsafeRawBufferPointer>

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
    mutating func html(of line: Bytes) -> String {
        var html = ""
        var text: [UInt8] = []
        var rest = line
        while let byte = rest.popFirst() {
            guard byte == 0x1B else {
                text.append(byte)
                continue
            }
            let before = look
            skipEscape(&rest)
            if look != before { flush(&text, as: before, into: &html) }
        }
        flush(&text, as: look, into: &html)
        return html
    }

    private func flush(_ text: inout [UInt8], as look: Look, into html: inout String) {
        guard !text.isEmpty else { return }
        let shown = HTMLText.html(String(decoding: text, as: UTF8.self))
        let classes = look.classes
        html += classes.isEmpty ? shown : "<span class=\"\(classes)\">\(shown)</span>"
        text.removeAll(keepingCapacity: true)
    }

    /// Takes one escape sequence, whose ESC is already taken, off the beginning of `rest`.
    private mutating func skipEscape(_ rest: inout Bytes) {
        guard let kind = rest.popFirst() else { return }
        switch kind {
        case UInt8(ascii: "["): takeControl(&rest)
        case UInt8(ascii: "]"), UInt8(ascii: "P"), UInt8(ascii: "X"), UInt8(ascii: "^"), UInt8(ascii: "_"):
            // A title, a link or the like: ends with BEL or ESC \, or with the line.
            while let byte = rest.popFirst() {
                if byte == 0x07 { return }
                if byte == 0x1B {
                    if rest.first == UInt8(ascii: "\\") { rest = rest.dropFirst() }
                    return
                }
            }
        case 0x20...0x2F:
            while let byte = rest.first, (0x20...0x2F).contains(byte) { rest = rest.dropFirst() }
            rest = rest.dropFirst()
        default: break
        }
    }

    private mutating func takeControl(_ rest: inout Bytes) {
        var parameters: [UInt8] = []
        while let byte = rest.first, (0x20...0x3F).contains(byte) {
            if parameters.count < 64 { parameters.append(byte) }
            rest = rest.dropFirst()
        }
        guard let final = rest.first, (0x40...0x7E).contains(final) else { return }
        rest = rest.dropFirst()
        guard final == UInt8(ascii: "m") else { return }
        let numbers = parameters.split(separator: UInt8(ascii: ";"), omittingEmptySubsequences: false)
            .map { Int(String(decoding: $0, as: UTF8.self)) ?? ($0.isEmpty ? 0 : -1) }
        apply(numbers[...])
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

extension AnsiText {
    /// The bytes of one line without escapes.
    static func plain(_ line: Bytes) -> [UInt8] {
        var ansi = AnsiText()
        var text: [UInt8] = []
        var rest = line
        while let byte = rest.popFirst() {
            if byte == 0x1B { ansi.skipEscape(&rest) } else { text.append(byte) }
        }
        return text
    }
}
