// SPDX-License-Identifier: Apache-2.0

/// The parser of what programs write to a terminal: it separates text from escape sequences and control characters.
///
/// Everything that shows such output uses it, so that a verb, a page and a notice show the same text. It follows the
/// state machine of DEC's terminals (https://vt100.net/emu/dec_ansi_parser), with two deviations: a line end always ends
/// an escape, and BEL ends every string. Controls of two bytes (U+0080 to U+009F) count as the escapes they stand for.
package struct TerminalParser: Sendable {
    /// What the parser found.
    package enum Event {
        /// Bytes to show, which may hold tabs and newlines; they end with a whole character.
        case text(UnsafeRawBufferPointer)
        /// A line end that was written as a carriage return.
        case newline
        /// A character that an escape, a control character or the end of the stream cut off.
        case brokenCharacter
        /// The parameters of `ESC [ ... m`.
        case style(StyleParameters)
    }

    /// The parameters of a style; they are parsed only when they are needed.
    package struct StyleParameters {
        fileprivate let bytes: [UInt8]

        /// The parameters in order: an omitted one is 0, one that is not a number is -1.
        package var numbers: [Int] {
            bytes.split(separator: UInt8(ascii: ";"), omittingEmptySubsequences: false)
                .map { $0.isEmpty ? 0 : Int(String(decoding: $0, as: UTF8.self)) ?? -1 }
        }
    }

    private enum State {
        case text
        case escape
        /// After `ESC` and a character such as `(`: the next final byte ends it.
        case intermediate
        /// Colours, moves: ends with a letter.
        case controlSequence
        /// A title, a link or the like: ends with BEL or ST.
        case string
    }

    private static let longestParameters = 64

    private var state = State.text
    private var parameters: [UInt8] = []
    /// Bytes at the end of the last chunk whose meaning depends on the next one.
    private var held: [UInt8] = []

    /// Starts at the beginning of a stream.
    package init() {}

    /// Parses the next bytes of the stream and passes what they hold to `receive`; holds back a character cut at their
    /// end.
    package mutating func parse(_ bytes: UnsafeRawBufferPointer, _ receive: (Event) -> Void) {
        guard !held.isEmpty else { return parseWhole(bytes, receive) }
        let joined = held + bytes
        held = []
        joined.withUnsafeBytes { parseWhole($0, receive) }
    }

    /// Ends the stream; the parser can be used for another one.
    package mutating func finish(_ receive: (Event) -> Void) {
        if state == .text, let first = held.first, first != 0x0D { receive(.brokenCharacter) }
        self = TerminalParser()
    }

    private mutating func parseWhole(_ bytes: UnsafeRawBufferPointer, _ receive: (Event) -> Void) {
        var (index, run) = (0, 0)
        while index < bytes.count {
            if state == .text {
                guard Self.isSpecial(bytes, index) else {
                    index += 1
                    continue
                }
                let cut = Self.show(bytes, run..<index, receive)
                if cut < index { receive(.brokenCharacter) }
                run = Self.endOfHidden(bytes, from: index)
                if run > index {
                    index = run
                    continue
                }
            }
            let byte = bytes[index]
            let next = index + 1 < bytes.count ? bytes[index + 1] : nil
            if next == nil, byte == 0xC2 || byte == 0x0D {
                held = [byte]
                return
            }
            index += take(byte, next, receive)
            run = index
        }
        guard state == .text else { return }
        held = Array(bytes[Self.show(bytes, run..<index, receive)..<index])
    }

    /// Whether the byte at `index` of a text is more than a part of it.
    private static func isSpecial(_ bytes: UnsafeRawBufferPointer, _ index: Int) -> Bool {
        let byte = bytes[index]
        if byte < 0x20 { return byte != 0x0A && byte != 0x09 }
        guard byte == 0xC2 else { return byte == 0x7F }
        return index + 1 == bytes.count || isC1(bytes[index + 1])
    }

    /// Where the bytes from `index` on that show nothing and begin nothing end: a log may have millions of them.
    private static func endOfHidden(_ bytes: UnsafeRawBufferPointer, from index: Int) -> Int {
        var index = index
        while index < bytes.count, bytes[index] < 0x20 || bytes[index] == 0x7F, !isMeant(bytes[index]) { index += 1 }
        return index
    }

    /// Whether a control character acts on a text, or begins an escape.
    private static func isMeant(_ byte: UInt8) -> Bool { byte == 0x09 || byte == 0x0A || byte == 0x0D || byte == 0x1B }

    private static func isC1(_ byte: UInt8) -> Bool { byte & 0xE0 == 0x80 }

    /// Emits the whole characters of `run` and returns where they end.
    private static func show(
        _ bytes: UnsafeRawBufferPointer, _ run: Range<Int>, _ receive: (Event) -> Void
    ) -> Int {
        let cut = endOfWholeCharacters(bytes, run)
        if run.lowerBound < cut { receive(.text(UnsafeRawBufferPointer(rebasing: bytes[run.lowerBound..<cut]))) }
        return cut
    }

    /// Where the last character of `run` begins if its bytes are not all there; else the end.
    private static func endOfWholeCharacters(_ bytes: UnsafeRawBufferPointer, _ run: Range<Int>) -> Int {
        for length in 1...3 where length <= run.count {
            let byte = bytes[run.upperBound - length]
            if byte & 0xC0 == 0x80 { continue }
            let needed = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC0 ? 2 : 1
            return needed > length ? run.upperBound - length : run.upperBound
        }
        return run.upperBound
    }

    /// Takes a byte that is not plain text; returns how many bytes were used, 0 when it is text after all.
    private mutating func take(_ byte: UInt8, _ next: UInt8?, _ receive: (Event) -> Void) -> Int {
        if byte == 0xC2, let next, Self.isC1(next) {
            switch next {
            case 0x9B: begin(.controlSequence)
            case 0x90, 0x98, 0x9D...0x9F: begin(.string)
            default: begin(.text)
            }
            return 2
        }
        switch byte {
        case 0x1B: begin(.escape)
        // CAN and SUB cancel an escape.
        case 0x18, 0x1A: begin(.text)
        case 0x0A where state != .text:
            begin(.text)
            return 0
        case 0x0D:
            begin(.text)
            if next != 0x0A { receive(.newline) }
        default: return takeInState(byte, receive)
        }
        return 1
    }

    private mutating func begin(_ state: State) {
        self.state = state
        parameters.removeAll(keepingCapacity: true)
    }

    private mutating func takeInState(_ byte: UInt8, _ receive: (Event) -> Void) -> Int {
        switch (state, byte) {
        case (.text, _): break
        case (.escape, UInt8(ascii: "[")): state = .controlSequence
        case (.escape, UInt8(ascii: "]")), (.escape, UInt8(ascii: "P")), (.escape, UInt8(ascii: "X")),
            (.escape, UInt8(ascii: "^")), (.escape, UInt8(ascii: "_")):
            state = .string
        case (.escape, 0x20...0x2F), (.intermediate, 0x20...0x2F): state = .intermediate
        case (.controlSequence, 0x20...0x3F):
            if parameters.count < Self.longestParameters { parameters.append(byte) }
        case (.controlSequence, UInt8(ascii: "m")):
            receive(.style(StyleParameters(bytes: parameters)))
            state = .text
        case (.string, 0x07), (.escape, 0x30...0x7E), (.intermediate, 0x30...0x7E), (.controlSequence, 0x40...0x7E):
            state = .text
        case (.string, _): break
        // Anything else breaks the escape off.
        case (.escape, _), (.intermediate, _), (.controlSequence, _):
            state = .text
            return 0
        }
        return 1
    }
}

/// The text of a stream of terminal output: without escapes and control characters, its UTF-8 repaired, in one pass.
///
/// Tabs and newlines stay; a carriage return without a newline becomes one.
package struct PlainText: Sendable {
    private var parser = TerminalParser()

    /// Starts at the beginning of a stream.
    package init() {}

    /// The plain text of `bytes`.
    package static func of(_ bytes: UnsafeRawBufferPointer) -> String {
        var plain = PlainText()
        let text = plain.append(bytes)
        return text + plain.finish()
    }

    /// The plain text of `bytes`.
    package static func of(_ bytes: some Sequence<UInt8>) -> String { Array(bytes).withUnsafeBytes { of($0) } }

    /// The plain text that `bytes` add; a character cut at their end is held back.
    package mutating func append(_ bytes: UnsafeRawBufferPointer) -> String {
        var plain: [UInt8] = []
        plain.reserveCapacity(bytes.count)
        parser.parse(bytes) { Self.append($0, to: &plain) }
        return String(decoding: plain, as: UTF8.self)
    }

    /// What is left at the end of the stream.
    package mutating func finish() -> String {
        var plain: [UInt8] = []
        parser.finish { Self.append($0, to: &plain) }
        return String(decoding: plain, as: UTF8.self)
    }

    private static func append(_ event: TerminalParser.Event, to plain: inout [UInt8]) {
        switch event {
        case .text(let bytes): plain.append(contentsOf: bytes)
        case .newline: plain.append(0x0A)
        case .brokenCharacter: plain.append(contentsOf: "\u{FFFD}".utf8)
        case .style: break
        }
    }
}
