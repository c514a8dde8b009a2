// SPDX-License-Identifier: Apache-2.0

import CanaryText

/// What linkers are told in a file for ninja, as CMake and Meson write it.
enum NinjaFile {
    /// An edge that links.
    struct Link: Hashable, Sendable {
        /// The first file that it makes, as written.
        let output: String
        /// What its variables say about libraries, quoted as for a shell.
        let command: [UInt8]
    }

    /// The variables that name libraries and folders of libraries, of CMake and of Meson.
    private static let libraryVariables = [
        "LINK_PATH", "LINK_LIBRARIES", "LINK_FLAGS", "LINK_ARGS", "LANGUAGE_COMPILE_FLAGS",
    ]

    /// The edges of `bytes` whose rule links, in their order.
    static func links(in bytes: UnsafeRawBufferPointer) -> [Link] {
        var links: [Link] = []
        var output: String?
        var command: [UInt8] = []
        func end() {
            if let output, !command.isEmpty { links.append(Link(output: output, command: command)) }
            output = nil
            command = []
        }
        lines(of: bytes) { line in
            if line.first == 0x20 {
                if output != nil, let value = value(in: line, of: libraryVariables) { command += value + [0x20] }
            } else {
                end()
                output = Self.output(ofLinkIn: line)
            }
        }
        end()
        return links
    }

    /// Hands what compilers are told about folders to `body`, each edge's by itself.
    static func includes(in bytes: UnsafeRawBufferPointer, _ body: ([UInt8]) -> Void) {
        lines(of: bytes) { line in
            if line.first == 0x20, let value = value(in: line, of: ["INCLUDES", "FLAGS", "ARGS"]) { body(value) }
        }
    }

    /// Hands each line to `body`; a dollar at the end of a line joins it with the next.
    private static func lines(of bytes: UnsafeRawBufferPointer, _ body: (Slice<UnsafeRawBufferPointer>) -> Void) {
        var start = 0
        var position = 0
        while position < bytes.count {
            let end = bytes.offset(of: 10, from: position) ?? bytes.count
            position = end + 1
            var dollars = 0
            while end - dollars > start, bytes[end - dollars - 1] == 0x24 { dollars += 1 }
            if !dollars.isMultiple(of: 2), position < bytes.count { continue }
            body(bytes[start..<end])
            start = position
        }
    }

    private static func value(in line: Slice<UnsafeRawBufferPointer>, of variables: [String]) -> [UInt8]? {
        let text = line.drop { $0 == 0x20 }
        guard let equals = text.firstIndex(of: 0x3D) else { return nil }
        var name = text[..<equals]
        while name.last == 0x20 { name.removeLast() }
        guard variables.contains(where: { name.elementsEqual($0.utf8) }) else { return nil }
        return unescaped(text[text.index(after: equals)...])
    }

    /// The first output of `build OUTPUT... : RULE ...` whose rule is a linker's.
    private static func output(ofLinkIn line: Slice<UnsafeRawBufferPointer>) -> String? {
        guard line.starts(with: "build ".utf8) else { return nil }
        let rest = line.dropFirst(6)
        guard let colon = unescapedIndex(of: 0x3A, in: rest) else { return nil }
        let rule = rest[rest.index(after: colon)...].drop { $0 == 0x20 }.prefix { $0 != 0x20 }
        guard String(decoding: rule, as: UTF8.self).uppercased().contains("LINK") else { return nil }
        let first = rest[..<(unescapedIndex(of: 0x20, in: rest[..<colon]) ?? colon)]
        return String(decoding: unescaped(first), as: UTF8.self)
    }

    private static func unescapedIndex(
        of byte: UInt8, in bytes: Slice<UnsafeRawBufferPointer>
    ) -> Slice<UnsafeRawBufferPointer>.Index? {
        var position = bytes.startIndex
        while position < bytes.endIndex {
            if bytes[position] == byte { return position }
            position += bytes[position] == 0x24 ? 2 : 1
        }
        return nil
    }

    /// Without the dollars that make a blank, a colon, a dollar or a new line part of a value.
    private static func unescaped(_ bytes: Slice<UnsafeRawBufferPointer>) -> [UInt8] {
        var value: [UInt8] = []
        var position = bytes.startIndex
        while position < bytes.endIndex {
            let isEscape = bytes[position] == 0x24 && position + 1 < bytes.endIndex
            position += isEscape ? 1 : 0
            if !isEscape || bytes[position] != 10 { value.append(bytes[position]) }
            position += 1
        }
        return value
    }
}
