// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The free space of a disk; tools do not always say that there is none left.
package enum Disk {
    /// Whether less than `bytes` are free at `path`, or no more files can be created there.
    package static func isFull(at path: String, below bytes: UInt64 = 64 << 10) -> Bool {
        var state = statvfs()
        guard statvfs(path, &state) == 0 else { return false }
        return UInt64(state.f_bavail) * UInt64(state.f_frsize) < bytes || state.f_files > 0 && state.f_favail == 0
    }

    /// The bytes that are free at `path`; as many as can be when that cannot be told.
    package static func free(at path: String) -> UInt64 {
        var state = statvfs()
        guard statvfs(path, &state) == 0 else { return .max }
        return UInt64(state.f_bavail) * UInt64(state.f_frsize)
    }
}
