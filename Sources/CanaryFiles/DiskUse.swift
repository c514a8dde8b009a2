// SPDX-License-Identifier: Apache-2.0

package import Foundation

/// The space that a file or a folder takes on the disk, and when anything in it was last written.
package struct DiskUse: Hashable, Sendable {
    /// Bytes of the blocks of all files and folders; a file with several names is counted once.
    package private(set) var bytes = 0
    /// The newest modification; creating or removing a name modifies its folder.
    package private(set) var writtenAt = Date.distantPast

    private struct File: Hashable {
        let device: UInt
        let number: UInt
    }

    /// How many files, folders and links there are.
    package private(set) var entries = 0
    /// Whether everything could be read.
    package private(set) var isWhole = true

    private var seen: Set<File> = []

    private init() {}

    /// Measures everything at `path`; links are not followed, and what cannot be read counts nothing but is noted.
    package static func of(_ path: String) -> DiskUse {
        var use = DiskUse()
        var state = stat()
        guard lstat(path, &state) == 0 else { return use }
        if use.add(state) { use.add(contentsOf: open(path, Self.folder), depth: 0) }
        use.seen = []
        return use
    }

    private static let folder = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
    /// Each level takes an open file.
    private static let deepest = 256

    /// Adds what is in the folder opened as `file`, which this closes; by names alone, since a path may be too long to open.
    private mutating func add(contentsOf file: Int32, depth: Int) {
        guard file >= 0 else {
            isWhole = false
            return
        }
        defer { close(file) }
        guard depth < Self.deepest, let entries = Folder.entries(of: dup(file)) else {
            isWhole = false
            return
        }
        var state = stat()
        for entry in entries {
            guard fstatat(file, entry.name, &state, AT_SYMLINK_NOFOLLOW) == 0, add(state) else { continue }
            add(contentsOf: openat(file, entry.name, Self.folder), depth: depth + 1)
        }
    }

    /// Whether it is a folder.
    private mutating func add(_ state: stat) -> Bool {
        let isFolder = state.st_mode & S_IFMT == S_IFDIR
        if !isFolder, state.st_nlink > 1 {
            let file = File(device: UInt(state.st_dev), number: UInt(state.st_ino))
            guard seen.insert(file).inserted else { return false }
        }
        entries += 1
        bytes += Int(state.st_blocks) * 512
        let seconds = Double(state.st_mtim.tv_sec) + Double(state.st_mtim.tv_nsec) / 1e9
        writtenAt = max(writtenAt, Date(timeIntervalSince1970: seconds))
        return isFolder
    }
}
