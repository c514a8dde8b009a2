// SPDX-License-Identifier: Apache-2.0

import Glibc

extension UnsafeRawBufferPointer {
    /// Where `byte` is first found at or after `start`; nil when it is not found.
    package func offset(of byte: UInt8, from start: Int = 0) -> Int? {
        guard start < count, let base = baseAddress else { return nil }
        return memchr(base + start, Int32(byte), count - start).map { UnsafeRawPointer($0) - base }
    }

    /// Whether it begins with `bytes`.
    package func hasPrefix(_ bytes: [UInt8]) -> Bool {
        guard let base = baseAddress, bytes.count <= count else { return bytes.isEmpty }
        return memcmp(base, bytes, bytes.count) == 0
    }

    /// Whether the bytes of `text` are found one behind another.
    package func contains(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard let first = bytes.first else { return true }
        var start = 0
        while let found = offset(of: first, from: start) {
            if UnsafeRawBufferPointer(rebasing: self[found...]).hasPrefix(bytes) { return true }
            start = found + 1
        }
        return false
    }

    /// Where `byte` is last found; nil when it is not found.
    package func lastOffset(of byte: UInt8) -> Int? {
        var index = count
        while index > 0 {
            index -= 1
            if self[index] == byte { return index }
        }
        return nil
    }
}
