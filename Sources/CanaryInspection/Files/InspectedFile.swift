// SPDX-License-Identifier: Apache-2.0

import CanaryText
import Foundation

/// Files that a build left behind: reading them is safe, whatever they are.
package enum InspectedFile {
    /// At most the first `limit` bytes of the regular file at `path`; nil when there is none.
    package static func contents(of path: String, atMost limit: Int) -> [UInt8]? {
        withMapping(of: path) { Array($0.prefix(limit)) }
    }

    /// What `read` makes of the regular file at `path`; nil when there is none, or nothing in it.
    ///
    /// A link is not followed, a pipe is not waited for. The file must no longer be written to.
    package static func withMapping<Found>(of path: String, _ read: (UnsafeRawBufferPointer) -> Found?) -> Found? {
        let file = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var state = stat()
        guard fstat(file, &state) == 0, state.st_mode & S_IFMT == S_IFREG, state.st_size > 0 else { return nil }
        let size = Int(state.st_size)
        guard let start = mmap(nil, size, PROT_READ, MAP_PRIVATE, file, 0), start != MAP_FAILED else { return nil }
        defer { munmap(start, size) }
        return read(UnsafeRawBufferPointer(start: start, count: size))
    }

    /// Whether something lies at `path`, be it a link that leads nowhere here.
    package static func exists(_ path: String) -> Bool {
        var state = stat()
        return lstat(path, &state) == 0
    }

    /// Whether the file at `path` was changed at `time` or later.
    static func isNewer(_ path: String, than time: Date) -> Bool {
        var state = stat()
        guard lstat(path, &state) == 0 else { return false }
        let changed = Double(state.st_ctim.tv_sec) + Double(state.st_ctim.tv_nsec) / 1e9
        return changed >= time.timeIntervalSince1970
    }

    /// `path` without links; where nothing lies there, without `.` and `..` alone.
    @Sendable package static func real(_ path: String) -> String {
        guard let found = realpath(path, nil) else { return SeenPaths.tidy(path) }
        defer { free(found) }
        return String(cString: found)
    }
}
