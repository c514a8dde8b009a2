// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc

/// A log in the address space of this process: its bytes take memory only while they are used.
final class MappedLog: Sendable {
    /// All its bytes; valid as long as this value.
    nonisolated(unsafe) let bytes: UnsafeRawBufferPointer

    /// Maps the regular file at `path`; nil when there is none, or when it is empty.
    init?(path: String) {
        // A build of plain processes can put a link or a pipe in the place of its log.
        let file = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var found = stat()
        guard fstat(file, &found) == 0, found.st_mode & S_IFMT == S_IFREG, found.st_size > 0 else { return nil }
        let count = Int(found.st_size)
        guard let start = mmap(nil, count, PROT_READ, MAP_PRIVATE, file, 0), start != MAP_FAILED else { return nil }
        bytes = UnsafeRawBufferPointer(start: start, count: count)
    }

    deinit { munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count) }

    /// Gives the memory of `range` back; its bytes are read again when they are needed.
    func release(_ range: Range<Int>) {
        let page = sysconf(Int32(_SC_PAGESIZE))
        let (start, end) = (range.lowerBound / page * page, range.upperBound / page * page)
        guard start < end, let base = bytes.baseAddress else { return }
        madvise(UnsafeMutableRawPointer(mutating: base + start), end - start, MADV_DONTNEED)
    }
}
