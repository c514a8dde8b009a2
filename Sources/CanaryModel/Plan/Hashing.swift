// SPDX-License-Identifier: Apache-2.0

import Crypto

/// A SHA-256 hash of a sequence of fields; each is preceded by its length, so that fields cannot run together.
package struct FieldHasher {
    private var hasher = SHA256()

    /// Starts an empty hash.
    package init() {}

    /// Adds one field.
    package mutating func add(_ field: String) {
        var field = field
        field.withUTF8 { add(bytes: UnsafeRawBufferPointer($0)) }
    }

    /// Adds the number of `fields` and then each of them.
    package mutating func add(list fields: [String]) {
        add("\(fields.count)")
        fields.forEach { add($0) }
    }

    /// Adds one field of raw bytes.
    package mutating func add(bytes: UnsafeRawBufferPointer) {
        withUnsafeBytes(of: UInt64(bytes.count).littleEndian) { hasher.update(bufferPointer: $0) }
        hasher.update(bufferPointer: bytes)
    }

    /// Adds more bytes to the last field: for content that is read in pieces, after a field that gives its length.
    package mutating func append(bytes: UnsafeRawBufferPointer) {
        hasher.update(bufferPointer: bytes)
    }

    /// The hash of everything that was added, as 64 lower-case hexadecimal digits.
    package func finish() -> String { Self.hexadecimal(hasher.finalize()) }

    private static let digits = Array("0123456789abcdef".utf8)

    private static func hexadecimal(_ digest: SHA256Digest) -> String {
        String(unsafeUninitializedCapacity: 64) { buffer in
            for (index, byte) in digest.enumerated() {
                buffer[2 * index] = digits[Int(byte >> 4)]
                buffer[2 * index + 1] = digits[Int(byte & 15)]
            }
            return 64
        }
    }
}
