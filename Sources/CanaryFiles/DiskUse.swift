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

    private var seen: Set<File> = []

    private init() {}

    /// Measures everything at `path`; what cannot be read counts nothing, and links are not followed.
    package static func of(_ path: String) -> DiskUse {
        var use = DiskUse()
        var folders: [String] = []
        var state = stat()
        guard lstat(path, &state) == 0 else { return use }
        if use.add(state) { folders.append(path) }
        while let folder = folders.popLast() {
            let file = open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
            guard file >= 0 else { continue }
            defer { close(file) }
            for entry in Folder.entries(of: dup(file)) ?? [] {
                guard fstatat(file, entry.name, &state, AT_SYMLINK_NOFOLLOW) == 0, use.add(state),
                    let name = entry.text
                else { continue }
                folders.append("\(folder)/\(name)")
            }
        }
        use.seen = []
        return use
    }

    /// Whether it is a folder.
    private mutating func add(_ state: stat) -> Bool {
        let isFolder = state.st_mode & S_IFMT == S_IFDIR
        if !isFolder, state.st_nlink > 1 {
            let file = File(device: UInt(state.st_dev), number: UInt(state.st_ino))
            guard seen.insert(file).inserted else { return false }
        }
        bytes += Int(state.st_blocks) * 512
        let seconds = Double(state.st_mtim.tv_sec) + Double(state.st_mtim.tv_nsec) / 1e9
        writtenAt = max(writtenAt, Date(timeIntervalSince1970: seconds))
        return isFolder
    }
}
