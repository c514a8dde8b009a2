// SPDX-License-Identifier: Apache-2.0

import CanaryText

/// What an ELF file asks of the dynamic loader: 32 and 64 bits, either byte order.
package struct ElfFile: Hashable, Sendable {
    /// The libraries it needs, as it names them.
    package var needed: [String] = []
    /// The name that others need it by.
    var soname: String?
    /// Folders to search, separated by colons: before `LD_LIBRARY_PATH`, and only without `RUNPATH`.
    var rpath: String?
    /// The same, after `LD_LIBRARY_PATH`.
    var runpath: String?

    /// The folders it wants searched, as written.
    var searchPath: [String] { (runpath ?? rpath ?? "").split(separator: ":").map(String.init) }
}

extension ElfFile {
    /// Reads the file in `bytes`; nil when it is no ELF file.
    ///
    /// One without a dynamic section asks for nothing; of a damaged one, what can be read counts.
    init?(_ bytes: UnsafeRawBufferPointer) {
        guard let reader = ElfReader(bytes) else { return nil }
        self.init()
        let entries = reader.dynamicEntries
        guard let table = entries.first(where: { $0.tag == 5 }).flatMap({ reader.offset(ofAddress: $0.value) })
        else { return }
        var seen: Set<String> = []
        for entry in entries {
            switch entry.tag {
            case 1:
                guard let name = reader.text(at: entry.value, in: table, atMost: ElfReader.nameLimit),
                    seen.count < ElfReader.neededLimit
                else { continue }
                if seen.insert(name).inserted { needed.append(name) }
            case 14: soname = reader.text(at: entry.value, in: table, atMost: ElfReader.nameLimit)
            case 15: rpath = reader.text(at: entry.value, in: table, atMost: ElfReader.textLimit)
            case 29: runpath = reader.text(at: entry.value, in: table, atMost: ElfReader.textLimit)
            default: break
            }
        }
    }
}

/// Reads numbers and texts of an ELF file, never beyond its end.
private struct ElfReader {
    private struct Segment {
        let type: Int
        let offset: Int
        let address: Int
        let size: Int
    }

    /// How many entries of the dynamic section are read: a hundred times what linkers write.
    static let entryLimit = 1 << 12
    /// How many libraries an object may need: a component build of Chromium has half of it.
    static let neededLimit = 1 << 10
    /// How long the name of a library may be: loaders open no path that is longer.
    static let nameLimit = 1 << 12
    /// How long a search path may be: that of a package of Nix with a hundred inputs has half of it.
    static let textLimit = 1 << 14
    /// How many bytes the table of segments may have: the kernel starts no program with a larger one.
    private static let tableLimit = 1 << 16

    private let bytes: UnsafeRawBufferPointer
    private let isWide: Bool
    private let isLittle: Bool
    private var segments: [Segment] = []

    init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count > 52, bytes.starts(with: [0x7F, 0x45, 0x4C, 0x46]), 1...2 ~= bytes[4], 1...2 ~= bytes[5]
        else { return nil }
        self.bytes = bytes
        isWide = bytes[4] == 2
        isLittle = bytes[5] == 1
        guard let table = word(at: isWide ? 32 : 28), let size = number(UInt16.self, at: isWide ? 54 : 42),
            let count = number(UInt16.self, at: isWide ? 56 : 44), table <= bytes.count,
            // Loaders refuse headers of another size, too; of size 0, thousands fit into a file of 64 bytes.
            size == (isWide ? 56 : 32)
        else { return }
        segments = (0..<min(count, Self.tableLimit / size)).compactMap { segment(at: table + $0 * size) }
    }

    private func segment(at start: Int) -> Segment? {
        guard let type = number(UInt32.self, at: start), let offset = word(at: start + (isWide ? 8 : 4)),
            let address = word(at: start + (isWide ? 16 : 8)), let size = word(at: start + (isWide ? 32 : 16)),
            offset <= bytes.count
        else { return nil }
        return Segment(type: type, offset: offset, address: address, size: min(size, bytes.count - offset))
    }

    /// Tags and values of the dynamic section.
    var dynamicEntries: [(tag: Int, value: Int)] {
        guard let dynamic = segments.first(where: { $0.type == 2 }) else { return [] }
        let width = isWide ? 8 : 4
        var entries: [(tag: Int, value: Int)] = []
        for index in 0..<min(dynamic.size / (2 * width), Self.entryLimit) {
            let start = dynamic.offset + index * 2 * width
            // Tags beyond what an `Int` holds are none of ours.
            guard let tag = word(at: start), let value = word(at: start + width) else { continue }
            if tag == 0 { break }
            entries.append((tag, value))
        }
        return entries
    }

    /// Where in the file the byte lies that is loaded to `address`.
    func offset(ofAddress address: Int) -> Int? {
        segments.first { $0.type == 1 && $0.address <= address && address - $0.address < $0.size }
            .map { $0.offset + (address - $0.address) }
    }

    /// The text that starts `offset` after `table`; nil if it does not end within `limit` bytes.
    func text(at offset: Int, in table: Int, atMost limit: Int) -> String? {
        guard offset < bytes.count - table else { return nil }
        let rest = UnsafeRawBufferPointer(rebasing: bytes[(table + offset)...].prefix(limit))
        return rest.offset(of: 0).map { String(decoding: rest[..<$0], as: UTF8.self) }
    }

    private func word(at offset: Int) -> Int? {
        isWide ? number(UInt64.self, at: offset) : number(UInt32.self, at: offset)
    }

    private func number<Number: FixedWidthInteger>(_: Number.Type, at offset: Int) -> Int? {
        guard offset <= bytes.count - MemoryLayout<Number>.size else { return nil }
        let raw = bytes.loadUnaligned(fromByteOffset: offset, as: Number.self)
        return Int(exactly: isLittle ? Number(littleEndian: raw) : Number(bigEndian: raw))
    }
}
