// SPDX-License-Identifier: Apache-2.0

import CanaryText
import Foundation

/// The index that git wrote with a checkout: what it put into the folder, which a listing of the tree need not be.
struct CheckoutIndex {
    /// What is at one path.
    struct Entry {
        /// From the root of the checkout.
        let path: String
        /// Whether it is a file, not a link or a submodule.
        let isFile: Bool
        /// The size of the file in bytes; 0 when git does not know it.
        let size: Int
        /// The commit of the submodule; nil for anything else.
        let submodule: String?
        /// Whether it says anything else: a conflict, or that git need not look at the file.
        let isMarked: Bool
    }

    /// In the order of the index.
    let entries: [Entry]

    /// Reads the index at `file`, see gitformat-index(5); nil when it is not an index of version 2 or 3.
    ///
    /// - Parameter hashBytes: the length of an object's name, 20 or 32.
    init?(at file: String, hashBytes: Int) {
        guard let content = FileManager.default.contents(atPath: file),
            let entries = content.withUnsafeBytes({ Self.entries(in: $0, hashBytes: hashBytes) })
        else { return nil }
        self.entries = entries
    }

    private static func entries(in bytes: UnsafeRawBufferPointer, hashBytes: Int) -> [Entry]? {
        guard bytes.count >= 12, bytes.starts(with: "DIRC".utf8), (2...3).contains(word(at: 4, in: bytes)) else {
            return nil
        }
        var entries: [Entry] = []
        var start = 12
        for _ in 0..<word(at: 8, in: bytes) {
            let flags = start + 40 + hashBytes
            guard flags + 4 < bytes.count else { return nil }
            let name = flags + (bytes[flags] & 0x40 == 0 ? 2 : 4)
            guard let end = bytes.offset(of: 0, from: name) else { return nil }
            let kind = word(at: start + 24, in: bytes) & 0o170000
            let object = bytes[start + 40..<flags]
            entries.append(
                Entry(
                    path: String(decoding: bytes[name..<end], as: UTF8.self), isFile: kind == 0o100000,
                    size: word(at: start + 36, in: bytes), submodule: kind == 0o160000 ? hexadecimal(object) : nil,
                    isMarked: bytes[flags] & 0xF0 != 0))
            // Each entry ends with one to eight zeros.
            start += (end - start + 8) & ~7
        }
        return entries
    }

    private static func word(at offset: Int, in bytes: UnsafeRawBufferPointer) -> Int {
        Int(UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)))
    }

    private static func hexadecimal(_ bytes: Slice<UnsafeRawBufferPointer>) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}

/// Two paths of one tree that cannot both exist in a folder: only malformed trees have them, or file systems that ignore
/// case.
struct PathCollision: Hashable {
    let first: String
    let second: String

    /// The first collision in `paths`; nil when there is none.
    init?(in paths: [String], ignoringCase: Bool) {
        let keys = ignoringCase ? paths.map { $0.lowercased() } : paths
        var seen: [String: Int] = [:]
        for (index, key) in keys.enumerated() {
            if let other = seen.updateValue(index, forKey: key) {
                (first, second) = (paths[other], paths[index])
                return
            }
        }
        for (index, key) in keys.enumerated() {
            var above = key[...]
            while let slash = above.lastIndex(of: "/") {
                above = above[..<slash]
                guard let other = seen[String(above)] else { continue }
                (first, second) = (paths[other], paths[index])
                return
            }
        }
        return nil
    }
}
