// SPDX-License-Identifier: Apache-2.0

/// Takes terminal escapes and control characters out of a stream of bytes and repairs its UTF-8, in one pass.
///
/// Tabs and newlines stay; a carriage return without a newline becomes one. An escape never reaches over a newline.
package struct PlainText: Sendable {
    private enum State {
        case text
        case carriageReturn
        /// Behind 0xC2: a control character of two bytes, or a letter.
        case twoBytes
        case escape
        case controlSequence
        /// A title, a link or the like; ends with BEL or ST.
        case string
        case stringEscape
    }

    private var state = State.text
    private var open: [UInt8] = []

    /// Starts at the beginning of a stream.
    package init() {}

    /// The plain text of `bytes`.
    package static func of(_ bytes: UnsafeRawBufferPointer) -> String {
        var plain = PlainText()
        return plain.append(bytes) + plain.finish()
    }

    /// The plain text of `bytes`.
    package static func of(_ bytes: some Sequence<UInt8>) -> String { Array(bytes).withUnsafeBytes { of($0) } }

    /// The plain text that `bytes` add; a character cut at their end is held back.
    package mutating func append(_ bytes: UnsafeRawBufferPointer) -> String {
        var plain = open
        plain.reserveCapacity(open.count + bytes.count)
        var run = 0
        for index in 0..<bytes.count where state != .text || Self.isSpecial(bytes[index]) {
            if run < index, state == .text { plain.append(contentsOf: bytes[run..<index]) }
            take(bytes[index], into: &plain)
            run = index + 1
        }
        if run < bytes.count { plain.append(contentsOf: bytes[run...]) }
        let cut = Self.endOfWholeCharacters(plain)
        open = Array(plain[cut...])
        return String(decoding: plain[..<cut], as: UTF8.self)
    }

    /// What is left at the end of the stream.
    package mutating func finish() -> String {
        defer { self = PlainText() }
        if state == .twoBytes { open.append(0xC2) }
        return String(decoding: open, as: UTF8.self)
    }

    private static func isSpecial(_ byte: UInt8) -> Bool {
        byte < 0x20 ? byte != 0x0A && byte != 0x09 : byte == 0x7F || byte == 0xC2
    }

    private mutating func take(_ byte: UInt8, into plain: inout [UInt8]) {
        switch state {
        case .text: takeText(byte, into: &plain)
        case .carriageReturn:
            plain.append(0x0A)
            state = .text
            if byte != 0x0A { takeText(byte, into: &plain) }
        case .twoBytes: takeSecond(byte, into: &plain)
        case .escape: takeEscape(byte, into: &plain)
        case .controlSequence:
            // Parameters and intermediates go on, a final byte ends it, anything else broke it off.
            if (0x20...0x3F).contains(byte) { return }
            state = .text
            if !(0x40...0x7E).contains(byte) { takeText(byte, into: &plain) }
        case .string, .stringEscape: takeString(byte, into: &plain)
        }
    }

    private mutating func takeText(_ byte: UInt8, into plain: inout [UInt8]) {
        switch byte {
        case 0x1B: state = .escape
        case 0x0D: state = .carriageReturn
        case 0xC2: state = .twoBytes
        case 0x09, 0x0A: plain.append(byte)
        case ..<0x20, 0x7F: break
        default: plain.append(byte)
        }
    }

    private mutating func takeSecond(_ byte: UInt8, into plain: inout [UInt8]) {
        state = .text
        switch byte {
        case 0x9B: state = .controlSequence
        case 0x90, 0x98, 0x9D, 0x9E, 0x9F: state = .string
        case 0x80...0x9F: break
        default:
            plain.append(0xC2)
            takeText(byte, into: &plain)
        }
    }

    private mutating func takeEscape(_ byte: UInt8, into plain: inout [UInt8]) {
        switch byte {
        case UInt8(ascii: "["): state = .controlSequence
        case UInt8(ascii: "]"), UInt8(ascii: "P"), UInt8(ascii: "X"), UInt8(ascii: "^"), UInt8(ascii: "_"):
            state = .string
        case 0x20...0x2F: break
        case 0x30...0x7E: state = .text
        default:
            state = .text
            takeText(byte, into: &plain)
        }
    }

    private mutating func takeString(_ byte: UInt8, into plain: inout [UInt8]) {
        switch byte {
        case 0x0A:
            state = .text
            plain.append(byte)
        case 0x07: state = .text
        case 0x1B: state = .stringEscape
        case UInt8(ascii: "\\") where state == .stringEscape: state = .text
        default: state = .string
        }
    }

    /// Where the last character begins if its bytes are not all there; else the end.
    private static func endOfWholeCharacters(_ bytes: [UInt8]) -> Int {
        for length in 1...3 where length <= bytes.count {
            let byte = bytes[bytes.count - length]
            if byte & 0xC0 == 0x80 { continue }
            let needed = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC0 ? 2 : 1
            return needed > length ? bytes.count - length : bytes.count
        }
        return bytes.count
    }
}
