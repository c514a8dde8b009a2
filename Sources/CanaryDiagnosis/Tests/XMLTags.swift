// SPDX-License-Identifier: Apache-2.0

import CanaryText

/// What is wrong with an XML file that a build wrote.
package struct XMLProblem: Error, Hashable, CustomStringConvertible {
    /// The line, from 1.
    package let line: Int
    /// What is wrong there.
    package let text: String

    package var description: String { "line \(line): \(text)" }
}

/// The tags of an XML file, one after the other; text between them is skipped.
///
/// A file with a document type is refused: there are no entities but the five of XML, and nothing outside the file is
/// read.
struct XMLTags {
    /// A start tag.
    struct Element {
        let name: String
        /// The text of each attribute, with its references resolved.
        let attributes: [String: String]
    }

    enum Tag {
        case start(Element)
        case end(String)
    }

    /// How deep elements may lie in each other: reports have four levels.
    private static let depthLimit = 32
    /// How many attributes a tag may have.
    private static let attributeLimit = 64
    /// How many bytes the name of an element or an attribute may have.
    private static let nameLimit = 256
    /// How many bytes of a value are read; the rest is skipped.
    private static let valueLimit = 4096

    private let bytes: UnsafeRawBufferPointer
    private var position = 0
    private var open: [String] = []
    /// The name of an element without content, whose end tag is still to be reported.
    private var pending: String?
    private var hasRoot = false

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    /// How many elements are open.
    var depth: Int { open.count }

    /// The next tag; nil at the end of the file.
    mutating func next() throws(XMLProblem) -> Tag? {
        if let name = pending {
            pending = nil
            open.removeLast()
            return .end(name)
        }
        while let start = bytes.offset(of: UInt8(ascii: "<"), from: position) {
            position = start + 1
            switch peek() {
            case UInt8(ascii: "?"): try skip(past: "?>")
            case UInt8(ascii: "!") where has("!--"): try skip(past: "-->")
            case UInt8(ascii: "!") where has("![CDATA["): try skip(past: "]]>")
            case UInt8(ascii: "!"): throw problem("expected no document type")
            case UInt8(ascii: "/"): return try endTag()
            default: return try startTag()
            }
        }
        position = bytes.count
        guard open.isEmpty, hasRoot else { throw problem("expected the end of `\(open.last ?? "an element")`") }
        return nil
    }

    func problem(_ text: String) -> XMLProblem {
        let end = min(position, bytes.count)
        return XMLProblem(line: 1 + UnsafeRawBufferPointer(rebasing: bytes[..<end]).count { $0 == 10 }, text: text)
    }

    // MARK: - Tags

    private mutating func endTag() throws(XMLProblem) -> Tag {
        position += 1
        let name = try self.name()
        skipBlanks()
        guard peek() == UInt8(ascii: ">"), open.popLast() == name else { throw problem("unexpected end of `\(name)`") }
        position += 1
        return .end(name)
    }

    private mutating func startTag() throws(XMLProblem) -> Tag {
        guard !open.isEmpty || !hasRoot else { throw problem("expected one element at the top") }
        hasRoot = true
        let name = try self.name()
        guard open.count < Self.depthLimit else { throw problem("elements lie too deep in each other") }
        var attributes: [String: String] = [:]
        while true {
            skipBlanks()
            switch peek() {
            case UInt8(ascii: ">"):
                position += 1
                open.append(name)
                return .start(Element(name: name, attributes: attributes))
            case UInt8(ascii: "/"):
                guard has("/>") else { throw problem("expected `/>`") }
                position += 2
                open.append(name)
                pending = name
                return .start(Element(name: name, attributes: attributes))
            default:
                guard attributes.count < Self.attributeLimit else { throw problem("`\(name)` has too many attributes") }
                let key = try self.name()
                guard attributes.updateValue(try value(), forKey: key) == nil else {
                    throw problem("`\(name)` has two attributes `\(key)`")
                }
            }
        }
    }

    private mutating func name() throws(XMLProblem) -> String {
        let start = position
        while let byte = peek(), !Self.isDelimiter(byte), position - start <= Self.nameLimit { position += 1 }
        guard position > start, position - start <= Self.nameLimit else { throw problem("expected a name") }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    private mutating func value() throws(XMLProblem) -> String {
        skipBlanks()
        guard peek() == UInt8(ascii: "=") else { throw problem("expected `=`") }
        position += 1
        skipBlanks()
        guard let quote = peek(), quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'"),
            let end = bytes.offset(of: quote, from: position + 1)
        else { throw problem("expected a value in quotes") }
        let text = bytes[(position + 1)..<min(end, position + 1 + Self.valueLimit)]
        guard !text.contains(UInt8(ascii: "<")) else { throw problem("unexpected `<` in a value") }
        position = end + 1
        let plain = String(decoding: text, as: UTF8.self)
        return plain.utf8.contains(UInt8(ascii: "&")) ? try resolved(plain) : plain
    }

    /// `text` with its references resolved.
    private func resolved(_ text: String) throws(XMLProblem) -> String {
        var parts = text.split(separator: "&", omittingEmptySubsequences: false)
        var result = String(parts.removeFirst())
        for part in parts {
            // A value that was cut may end within a reference.
            guard let end = part.prefix(12).firstIndex(of: ";") else {
                guard text.utf8.count >= Self.valueLimit - 3 else { throw problem("expected `;` after `&`") }
                continue
            }
            guard let character = Self.character(part[..<end]) else {
                throw problem("unknown entity `&\(part[...end])`")
            }
            result.unicodeScalars.append(character)
            result += part[part.index(after: end)...]
        }
        return result
    }

    private static func character(_ name: Substring) -> Unicode.Scalar? {
        switch name {
        case "lt": return "<"
        case "gt": return ">"
        case "amp": return "&"
        case "quot": return "\""
        case "apos": return "'"
        default:
            let digits = name.dropFirst(name.hasPrefix("#x") ? 2 : 1)
            guard name.hasPrefix("#"), let code = UInt32(digits, radix: name.hasPrefix("#x") ? 16 : 10) else {
                return nil
            }
            return Unicode.Scalar(code)
        }
    }

    // MARK: - Bytes

    private func peek() -> UInt8? { position < bytes.count ? bytes[position] : nil }

    private func has(_ text: StaticString) -> Bool {
        position + text.utf8CodeUnitCount <= bytes.count
            && text.withUTF8Buffer { bytes[position...].starts(with: $0) }
    }

    private mutating func skip(past end: StaticString) throws(XMLProblem) {
        var next = position
        while let found = bytes.offset(of: UInt8(ascii: ">"), from: next) {
            next = found + 1
            let start = next - end.utf8CodeUnitCount
            guard start >= position, end.withUTF8Buffer({ bytes[start..<next].elementsEqual($0) }) else { continue }
            position = next
            return
        }
        throw problem("expected `\(end)`")
    }

    private mutating func skipBlanks() {
        while let byte = peek(), Self.isBlank(byte) { position += 1 }
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x0A || byte == 0x09 || byte == 0x0D }

    private static func isDelimiter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "="), UInt8(ascii: ">"), UInt8(ascii: "/"), UInt8(ascii: "<"), UInt8(ascii: "\""),
            UInt8(ascii: "'"):
            true
        default: isBlank(byte)
        }
    }
}
