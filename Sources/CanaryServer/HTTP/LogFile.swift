// SPDX-License-Identifier: Apache-2.0

import Glibc

/// An opened log, of which parts are read.
final class LogFile: Sendable {
    private let descriptor: Int32

    /// Opens the file at `path`; nil if there is none that can be read, or if it is a link.
    init?(path: String) {
        descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        if descriptor < 0 { return nil }
    }

    deinit { close(descriptor) }

    /// Its present size.
    var size: Int { max(0, Int(lseek(descriptor, 0, SEEK_END))) }

    /// The bytes in `range`, as far as there are any.
    func bytes(_ range: Range<Int>) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: range.count) { buffer, used in
            while used < range.count {
                let received = pread(
                    descriptor, buffer.baseAddress?.advanced(by: used), range.count - used,
                    off_t(range.lowerBound + used))
                if received < 0, errno == EINTR { continue }
                guard received > 0 else { break }
                used += received
            }
        }
    }
}
