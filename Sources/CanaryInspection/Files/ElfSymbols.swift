// SPDX-License-Identifier: Apache-2.0

import CanaryText

/// The symbols that a shared library exports.
struct ElfSymbols {
    private let file: UnsafeRawBufferPointer
    private let isWide: Bool

    /// How many symbols are read between two checks for a cancellation.
    private static let step = 1 << 12

    /// Gives the mangled name of each symbol that the ELF file in `bytes` defines for others to `body`, until it says no
    /// or the task is cancelled; names longer than `limit` bytes are left out, and the ends of them not searched for.
    ///
    /// Nothing is given of what is no little-endian ELF file with section headers; damaged tables give what is within
    /// the file.
    static func forEach(
        in bytes: UnsafeRawBufferPointer, atMost limit: Int, _ body: (UnsafeRawBufferPointer) -> Bool
    ) {
        guard bytes.starts(with: [0x7F, 0x45, 0x4C, 0x46]), bytes.count > 64, (1...2).contains(bytes[4]), bytes[5] == 1
        else { return }
        let reader = ElfSymbols(file: bytes, isWide: bytes[4] == 2)
        let sections = reader.sections
        // A file has one table of dynamic symbols, says the format; thousands of headers could name the same bytes.
        guard let table = sections.first(where: { $0.type == 11 }), table.link < sections.count else { return }
        reader.read(table, names: sections[table.link].range, atMost: limit, body)
    }

    private struct Section {
        let type: Int
        let range: Range<Int>
        let link: Int
    }

    private func value<Word: FixedWidthInteger>(_: Word.Type, at offset: Int) -> Int? {
        guard offset >= 0, offset <= file.count - MemoryLayout<Word>.size else { return nil }
        return Int(exactly: file.loadUnaligned(fromByteOffset: offset, as: Word.self))
    }

    private func word(at offset: Int) -> Int? {
        isWide ? value(UInt64.self, at: offset) : value(UInt32.self, at: offset)
    }

    private var sections: [Section] {
        guard let table = word(at: isWide ? 0x28 : 0x20), let size = value(UInt16.self, at: isWide ? 0x3A : 0x2E),
            let count = value(UInt16.self, at: isWide ? 0x3C : 0x30), table < file.count,
            // With headers of size 0, a file of 64 bytes would have 65,535 of them; now the file's size bounds them.
            size == (isWide ? 64 : 40), count <= (file.count - table) / size
        else { return [] }
        return (0..<count).map { section(at: table + $0 * size) }
    }

    /// The section that the header at `header` describes; an empty one when it does not lie in the file.
    private func section(at header: Int) -> Section {
        guard let type = value(UInt32.self, at: header + 4), let begin = word(at: header + (isWide ? 0x18 : 0x10)),
            let size = word(at: header + (isWide ? 0x20 : 0x14)), begin <= file.count, size <= file.count - begin,
            let link = value(UInt32.self, at: header + (isWide ? 0x28 : 0x18))
        else { return Section(type: 0, range: 0..<0, link: 0) }
        return Section(type: type, range: begin..<begin + size, link: link)
    }

    private func read(
        _ table: Section, names: Range<Int>, atMost limit: Int, _ body: (UnsafeRawBufferPointer) -> Bool
    ) {
        let size = isWide ? 24 : 16
        var count = 0
        for entry in stride(from: table.range.lowerBound, through: table.range.upperBound - size, by: size) {
            count += 1
            if count % Self.step == 0, Task.isCancelled { return }
            guard let offset = value(UInt32.self, at: entry),
                let info = value(UInt8.self, at: entry + (isWide ? 4 : 12)),
                let other = value(UInt8.self, at: entry + (isWide ? 5 : 13)),
                let home = value(UInt16.self, at: entry + (isWide ? 6 : 14))
            else { return }
            // Global, weak or unique; neither a section nor a file; default or protected; defined, not a bare number.
            guard [1, 2, 10].contains(info >> 4), ![3, 4].contains(info & 15), [0, 3].contains(other & 3), home != 0,
                home != 0xFFF1, offset < names.count
            else { continue }
            let begin = names.lowerBound + offset
            let end = min(names.upperBound, begin + limit + 1)
            let rest = UnsafeRawBufferPointer(rebasing: file[begin..<end])
            guard let length = rest.offset(of: 0), length > 0 else { continue }
            if !body(UnsafeRawBufferPointer(rebasing: rest[..<length])) { return }
        }
    }
}
