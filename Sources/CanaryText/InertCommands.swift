// SPDX-License-Identifier: Apache-2.0

/// Makes the commands inert that a step of a GitHub workflow can print, whoever wrote the text.
///
/// The runner obeys `::set-env name=X::y` at the beginning of a line, and the older `##[add-path]x` anywhere. It compares
/// as people read: white space before a command and characters without a glyph inside it do not stop it. A space is put
/// where it does: `: :set-env`, `## [add-path]`.
package struct InertCommands: Sendable {
    private enum Position {
        /// Nothing visible in the line yet.
        case start
        /// After the first colon of a line.
        case colon
        case middle
        /// After one `#`.
        case mark
        /// After two or more `#`.
        case marks
    }

    private var position = Position.start

    /// Starts at the beginning of a line.
    package init() {}

    /// The next bytes of the stream, without commands.
    ///
    /// - Parameter separator: what is put into a command; by default a space.
    package mutating func filter(_ bytes: some Sequence<UInt8>, separator: String = " ") -> [UInt8] {
        var filtered: [UInt8] = []
        filtered.reserveCapacity(bytes.underestimatedCount)
        for byte in bytes {
            if isCommand(byte) { filtered.append(contentsOf: separator.utf8) }
            filtered.append(byte)
        }
        return filtered
    }

    /// Whether a command would begin, or be complete, with `byte`; moves on behind it.
    private mutating func isCommand(_ byte: UInt8) -> Bool {
        switch (position, byte) {
        case (_, 0x0A), (_, 0x0D): position = .start
        case (.colon, UInt8(ascii: ":")), (.marks, UInt8(ascii: "[")):
            position = .middle
            return true
        // Any of these may be white space or have no glyph.
        case (.start, ...0x20), (_, ..<0x20), (_, 0x7F...): break
        case (.start, UInt8(ascii: ":")): position = .colon
        case (.mark, UInt8(ascii: "#")), (.marks, UInt8(ascii: "#")): position = .marks
        case (_, UInt8(ascii: "#")): position = .mark
        default: position = .middle
        }
        return false
    }

    /// `text`, which begins a line, without commands; see `filter`.
    package static func filtered(_ text: String, separator: String = " ") -> String {
        var commands = InertCommands()
        return String(decoding: commands.filter(text.utf8, separator: separator), as: UTF8.self)
    }

    /// The JSON document `text`, without commands: who parses it gets the same values.
    package static func escaped(document text: String) -> String {
        var commands = InertCommands()
        var escaped: [UInt8] = []
        for byte in text.utf8 {
            // Outside of a string, JSON has no such place.
            if commands.isCommand(byte) {
                escaped.append(contentsOf: "\\u00\(String(byte, radix: 16))".utf8)
            } else {
                escaped.append(byte)
            }
        }
        return String(decoding: escaped, as: UTF8.self)
    }
}
