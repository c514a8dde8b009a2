// SPDX-License-Identifier: Apache-2.0

import Foundation

extension Folder {
    /// Removes `path` and everything in it, whatever the modes, names and depth; returns whether nothing is left.
    ///
    /// - Parameter isStopped: asked before each file is removed; the rest then stays.
    @discardableResult
    package static func remove(_ path: String, unless isStopped: () -> Bool = { false }) -> Bool {
        if unlink(path) == 0 || errno == ENOENT { return true }
        empty(path, keeping: [], unless: isStopped)
        return rmdir(path) == 0 || errno == ENOENT
    }

    /// Removes everything in the folder at `path` except the names in `exceptions`.
    ///
    /// A folder that is not empty is first moved up to `path`, so that paths stay short, nothing recurses, and two open
    /// files are enough for any depth.
    ///
    /// - Parameter isStopped: asked before each file is removed; the rest then stays.
    package static func empty(
        _ path: String, keeping exceptions: Set<String>, unless isStopped: () -> Bool = { false }
    ) {
        fchmodat(AT_FDCWD, path, 0o700, AT_SYMLINK_NOFOLLOW)
        let root = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard root >= 0 else { return }
        defer { close(root) }
        var moved = Moved(root: root)
        moved.add(from: root, except: Set(exceptions.map { $0.utf8CString.map { $0 } }), unless: isStopped)
        while !isStopped(), let name = moved.waiting.popLast() {
            let folder = openat(root, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
            if folder >= 0 {
                moved.add(from: folder, except: [], unless: isStopped)
                close(folder)
            }
            unlinkat(root, name, AT_REMOVEDIR)
        }
    }

    /// The folders below the root that are not empty yet.
    private struct Moved {
        let root: Int32
        var waiting: [[CChar]] = []
        private var count = 0

        init(root: Int32) { self.root = root }

        /// Removes what it can of `folder`, and moves the rest below the root.
        mutating func add(from folder: Int32, except names: Set<[CChar]>, unless isStopped: () -> Bool) {
            for entry in Folder.entries(of: dup(folder)) ?? [] where !names.contains(entry.name) {
                if isStopped() { return }
                if !entry.isFolder, unlinkat(folder, entry.name, 0) == 0 { continue }
                if unlinkat(folder, entry.name, AT_REMOVEDIR) == 0 { continue }
                // A folder that is not writable can neither be moved nor emptied.
                fchmodat(folder, entry.name, 0o700, AT_SYMLINK_NOFOLLOW)
                move(entry.name, from: folder)
            }
        }

        private mutating func move(_ name: [CChar], from folder: Int32) {
            var target: [CChar]
            repeat {
                count += 1
                target = Array(".removing-\(count)".utf8CString)
                // A clash with a leftover of an earlier removal: a folder that is not empty cannot be replaced.
            } while renameat(folder, name, root, target) != 0 && (errno == EEXIST || errno == ENOTEMPTY)
            if faccessat(root, target, F_OK, AT_SYMLINK_NOFOLLOW) == 0 { waiting.append(target) }
        }
    }
}
