// SPDX-License-Identifier: Apache-2.0

import CanaryText

/// The paths in ninja's record of what compilers read, `.ninja_deps`.
///
/// The form is that of versions 3 and 4 of ninja's `src/deps_log.cc`: a line, a version, and records that begin with
/// their length. A record whose first bit is set lists numbers of paths; all others are a path, filled up with zeros,
/// and a number of four bytes.
enum NinjaRecord {
    private static let start = Array("# ninjadeps\n".utf8)
    /// The longest record, ninja's own bound.
    private static let longestRecord = 1 << 19

    /// Hands each path to `body`; what is damaged ends the record, as it does for ninja.
    static func paths(in bytes: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> Void) {
        guard bytes.starts(with: start), bytes.count >= 16 else { return }
        var position = 16
        while position + 4 <= bytes.count {
            let word = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt32.self))
            let length = Int(word & 0x7FFF_FFFF)
            position += 4
            guard length <= longestRecord, position + length <= bytes.count else { return }
            if word >> 31 == 0, length > 4 { body(path(bytes[position..<position + length - 4])) }
            position += length
        }
    }

    /// Without the zeros at its end, of which there are at most three.
    private static func path(_ bytes: Slice<UnsafeRawBufferPointer>) -> UnsafeRawBufferPointer {
        var path = bytes
        while path.last == 0, bytes.count - path.count < 3 { path.removeLast() }
        return UnsafeRawBufferPointer(rebasing: path)
    }
}
