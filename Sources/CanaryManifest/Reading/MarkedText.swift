// SPDX-License-Identifier: Apache-2.0

/// The text given to Yams, which stops at the first duplicate key.
///
/// So that one duplicate does not hide the rest of a file, each gets a private-use character in front and the text is
/// composed again; `original` takes the characters out of what comes back.
struct MarkedText {
    private static let firstMarker: UInt32 = 0xE000
    private static let mostMarkers: UInt32 = 64
    /// Bytes composed again for the sake of markers.
    private static let mostWork = 1 << 20

    private(set) var text: String
    /// Where markers stand, in the positions of the original text.
    private var markers: [Position] = []

    init(_ text: String) { self.text = text }

    /// Makes the key at `position` (of the marked text) differ from all others; false when that cannot be done.
    mutating func setApart(keyAt position: Position) -> Bool {
        let value = Self.firstMarker + UInt32(markers.count)
        guard markers.count < Self.mostMarkers, markers.count * text.utf8.count < Self.mostWork,
            let marker = Unicode.Scalar(value)
        else { return false }
        var scalars = text.unicodeScalars
        guard var index = Self.index(of: position, in: scalars) else { return false }
        var start = position
        if scalars[index] == "\"" || scalars[index] == "'" {
            index = scalars.index(after: index)
            start = Position(line: start.line, column: start.column + 1)
        } else if "[{?!&*".unicodeScalars.contains(scalars[index]) {
            return false
        }
        scalars.insert(marker, at: index)
        markers.append(original(start))
        text = String(scalars)
        return true
    }

    /// The position in the original text of a position in the marked text.
    func original(_ position: Position) -> Position {
        var shift = 0
        for marker in markers.filter({ $0.line == position.line }).sorted(by: { $0.column < $1.column })
        where position.column > marker.column + shift {
            shift += 1
        }
        return Position(line: position.line, column: position.column - shift)
    }

    /// `key` without its marker.
    func original(_ key: String) -> String {
        guard let first = key.unicodeScalars.first?.value, first >= Self.firstMarker,
            first < Self.firstMarker + UInt32(markers.count)
        else { return key }
        return String(String.UnicodeScalarView(key.unicodeScalars.dropFirst()))
    }

    /// The first alias of a text that can hold more than `limit` of them; nil when it cannot.
    func aliasFlood(atMost limit: Int) -> Position? {
        let anchors = Set(Self.names(after: UInt8(ascii: "&"), in: text).map(\.name))
        guard !anchors.isEmpty else { return nil }
        let aliases = Self.names(after: UInt8(ascii: "*"), in: text).filter { anchors.contains($0.name) }
        guard aliases.count > limit, let first = aliases.first else { return nil }
        return CanaryManifest.position(after: String(text[..<first.start]))
    }

    private static func names(after sign: UInt8, in text: String) -> [(name: String, start: String.Index)] {
        let bytes = text.utf8
        var names: [(String, String.Index)] = []
        var rest = bytes[...]
        while let start = rest.firstIndex(of: sign) {
            rest = bytes[bytes.index(after: start)...]
            let name = rest.prefix { isNameByte($0) }
            if !name.isEmpty { names.append((String(decoding: name, as: UTF8.self), start)) }
        }
        return names
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        let character = Character(Unicode.Scalar(byte))
        return byte < 0x80 && (character.isLetter || character.isNumber || character == "_" || character == "-")
    }

    private static func index(of position: Position, in scalars: String.UnicodeScalarView) -> String.Index? {
        var lines = LineCounter()
        for index in scalars.indices {
            if lines.position == position { return index }
            lines.pass(scalars[index])
        }
        return nil
    }
}

/// The position of what follows `text`.
func position(after text: String) -> Position {
    var lines = LineCounter()
    for scalar in text.unicodeScalars { lines.pass(scalar) }
    return lines.position
}

/// Counts lines as YAML 1.1 does: `\n`, `\r`, both together, U+0085, U+2028 and U+2029 end one.
private struct LineCounter {
    private var line = 1
    private var column = 1
    private var afterReturn = false

    var position: Position { Position(line: line, column: column) }

    mutating func pass(_ scalar: Unicode.Scalar) {
        let completesPair = afterReturn && scalar == "\n"
        afterReturn = scalar == "\r"
        if completesPair { return }
        if ["\n", "\r", "\u{85}", "\u{2028}", "\u{2029}"].contains(scalar) {
            line += 1
            column = 1
        } else {
            column += 1
        }
    }
}
