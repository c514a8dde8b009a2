// SPDX-License-Identifier: Apache-2.0

import Glibc

extension UnsafeRawBufferPointer {
    /// Where `byte` is first found at or behind `start`.
    func offset(of byte: UInt8, from start: Int = 0) -> Int? {
        guard start < count, let base = baseAddress else { return nil }
        return memchr(base + start, Int32(byte), count - start).map { UnsafeRawPointer($0) - base }
    }

    /// Where `needle`, which is not empty, is first found at or behind `start`.
    func offset(of needle: StaticString, from start: Int = 0) -> Int? {
        let length = needle.utf8CodeUnitCount
        var start = start
        while let hit = offset(of: needle.utf8Start.pointee, from: start), hit + length <= count {
            guard let base = baseAddress else { return nil }
            if memcmp(base + hit, needle.utf8Start, length) == 0 { return hit }
            start = hit + 1
        }
        return nil
    }
}
