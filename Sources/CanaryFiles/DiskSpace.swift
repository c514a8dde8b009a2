// SPDX-License-Identifier: Apache-2.0

import Glibc

/// How much space there is for what is written to a folder.
package struct DiskSpace: Hashable, Sendable {
    /// The file system.
    package let device: UInt
    /// Bytes that it can have in all.
    package let bytes: UInt64
    /// Bytes that are free.
    package let free: UInt64
    /// Files that it can have in all; 0 when nobody counts them.
    package let files: UInt64
    /// Files that can still be created.
    package let freeFiles: UInt64

    /// Makes a value.
    package init(device: UInt, bytes: UInt64, free: UInt64, files: UInt64, freeFiles: UInt64) {
        self.device = device
        self.bytes = bytes
        self.free = free
        self.files = files
        self.freeFiles = freeFiles
    }

    /// Asks the kernel about `path`; nil when that does not exist.
    package init?(at path: String) {
        var (found, space) = (stat(), statvfs())
        guard stat(path, &found) == 0, statvfs(path, &space) == 0 else { return nil }
        let unit = UInt64(space.f_frsize)
        self.init(
            device: UInt(found.st_dev), bytes: UInt64(space.f_blocks) * unit, free: UInt64(space.f_bavail) * unit,
            files: UInt64(space.f_files), freeFiles: UInt64(space.f_favail))
    }

    /// Whether this folder has a quota of its own on `disk`: of a folder with a project, ext4 and xfs tell what that
    /// project may have.
    package func isQuota(on disk: DiskSpace) -> Bool {
        device == disk.device && (bytes < disk.bytes || files < disk.files)
    }

    /// Whether hardly anything more can be written.
    package var isUsedUp: Bool { free < Self.rest || files > 0 && freeFiles == 0 }

    /// A tool that writes in larger pieces may have found no space for one.
    private static let rest: UInt64 = 1 << 20
}
