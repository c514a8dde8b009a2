// SPDX-License-Identifier: Apache-2.0

import Foundation

extension Folder {
    /// Removes `path` and all below it, whatever its modes and names and however deep; true when nothing is left.
    @discardableResult
    package static func remove(_ path: String) -> Bool {
        if unlink(path) == 0 || errno == ENOENT { return true }
        empty(path, keeping: [])
        return rmdir(path) == 0 || errno == ENOENT
    }

    /// Removes all in the folder at `path` but for the names in `kept`.
    ///
    /// A folder that is not empty is first moved up to `path`: so no path grows long, nothing recurses, and two open
    /// files are enough for any depth.
    package static func empty(_ path: String, keeping kept: Set<String>) {
        chmod(path, 0o700)
        let root = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard root >= 0 else { return }
        defer { close(root) }
        var moved = Moved(root: root)
        moved.add(from: root, but: Set(kept.map { $0.utf8CString.map { $0 } }))
        while let name = moved.waiting.popLast() {
            let folder = openat(root, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
            if folder >= 0 {
                moved.add(from: folder, but: [])
                close(folder)
            }
            unlinkat(root, name, AT_REMOVEDIR)
        }
    }

    /// The folders that wait below the root for being emptied.
    private struct Moved {
        let root: Int32
        var waiting: [[CChar]] = []
        private var count = 0

        init(root: Int32) { self.root = root }

        /// Removes what it can of `folder` and moves the rest below the root.
        mutating func add(from folder: Int32, but kept: Set<[CChar]>) {
            for entry in Folder.entries(of: dup(folder)) ?? [] where !kept.contains(entry.name) {
                if !entry.isFolder, unlinkat(folder, entry.name, 0) == 0 { continue }
                // Without the right to write to it a folder can neither be moved nor emptied.
                fchmodat(folder, entry.name, 0o700, 0)
                if unlinkat(folder, entry.name, AT_REMOVEDIR) == 0 { continue }
                move(entry.name, from: folder)
            }
        }

        private mutating func move(_ name: [CChar], from folder: Int32) {
            var place: [CChar]
            repeat {
                count += 1
                place = Array(".removing-\(count)".utf8CString)
                // A clash with a leftover of an earlier removal: a folder that is not empty cannot be replaced.
            } while renameat(folder, name, root, place) != 0 && (errno == EEXIST || errno == ENOTEMPTY)
            if faccessat(root, place, F_OK, AT_SYMLINK_NOFOLLOW) == 0 { waiting.append(place) }
        }
    }
}
