// SPDX-License-Identifier: Apache-2.0

import CanaryText

/// What CMake remembers of a configuration: the entries of a `CMakeCache.txt`.
struct CMakeCache: Sendable {
    /// A variable.
    struct Entry: Hashable, Sendable {
        /// As written.
        let name: String
        /// `PATH`, `INTERNAL` and the like; `UNINITIALIZED` if it was given but not used.
        let type: String
        /// Without the blanks at its end.
        let value: String

        /// How many elements of a list are looked at: each costs calls of the system.
        private static let listLimit = 256

        /// The absolute paths in its value, a list of CMake; none where nothing was found.
        var paths: [String] {
            value.split(separator: ";", maxSplits: Self.listLimit).prefix(Self.listLimit).compactMap { element in
                let isFlag = element.hasPrefix("-I") || element.hasPrefix("-L")
                let path = element.dropFirst(isFlag ? 2 : 0)
                return path.hasPrefix("/") ? String(path) : nil
            }
        }
    }

    /// The most that is read of a file: 8 MiB, forty times what large projects write.
    static let sizeLimit = 8 << 20
    /// How many entries are kept of all files: twenty times those of large projects.
    private static let entryLimit = 100_000

    private let entries: [String: [Entry]]

    /// Reads the files `contents`; lines that are no entry are skipped, whatever they are.
    ///
    /// When the task is cancelled, what was read by then.
    init(_ contents: [[UInt8]]) {
        var all: [Entry] = []
        for file in contents {
            var position = 0
            while position < file.count, all.count < Self.entryLimit, !Task.isCancelled {
                let end = file.withUnsafeBytes { $0.offset(of: 10, from: position) } ?? file.count
                if let entry = Self.entry(file[position..<end]) { all.append(entry) }
                position = end + 1
            }
        }
        entries = Dictionary(grouping: all) { $0.name.lowercased() }
    }

    /// The entries of this name in any case: one, or one of each file.
    func entries(likely name: String) -> [Entry] { entries[name.lowercased()] ?? [] }

    /// The entries of this very name.
    func entries(_ name: String) -> [Entry] { entries(likely: name).filter { $0.name == name } }

    /// `NAME:TYPE=VALUE`; a name with a colon in it is quoted, a value with blanks at its end stands between `'`.
    private static func entry(_ line: ArraySlice<UInt8>) -> Entry? {
        let line = line.drop(while: isBlank)
        let first = line.first
        guard let first, first != UInt8(ascii: "#"), !line.starts(with: "//".utf8) else { return nil }
        let isQuoted = first == UInt8(ascii: "\"")
        var rest = line.dropFirst(isQuoted ? 1 : 0)
        guard let nameEnd = rest.firstIndex(where: { isQuoted ? $0 == UInt8(ascii: "\"") : isSeparator($0) })
        else { return nil }
        let name = rest[..<nameEnd]
        rest = rest[nameEnd...].dropFirst(isQuoted ? 1 : 0)
        guard !name.isEmpty, rest.first == UInt8(ascii: ":"), let equals = rest.firstIndex(of: UInt8(ascii: "="))
        else { return nil }
        var value = rest[rest.index(after: equals)...]
        while let last = value.last, isBlank(last) { value.removeLast() }
        if value.count > 1, value.first == UInt8(ascii: "'"), value.last == UInt8(ascii: "'") {
            value = value.dropFirst().dropLast()
        }
        return Entry(
            name: String(decoding: name, as: UTF8.self),
            type: String(decoding: rest[..<equals].dropFirst(), as: UTF8.self),
            value: String(decoding: value, as: UTF8.self))
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0D }

    private static func isSeparator(_ byte: UInt8) -> Bool { byte == UInt8(ascii: ":") || byte == UInt8(ascii: "=") }
}
