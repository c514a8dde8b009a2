// SPDX-License-Identifier: Apache-2.0

import Foundation

extension Folder {
    /// Gives `path` and everything in it to another user and group; links are not followed.
    ///
    /// - Throws: `FolderFailure` when the caller may not do that, or something cannot be read.
    package static func give(_ path: String, to owner: (user: UInt32, group: UInt32)) throws(FolderFailure) {
        var folders = [Array(path.utf8CString)]
        // Last of all, so that an interrupted call is seen to be one.
        defer { lchown(path, owner.user, owner.group) }
        while let folder = folders.popLast() {
            let file = open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
            guard file >= 0 else {
                if errno == ENOTDIR || errno == ELOOP { continue }
                throw FolderFailure(action: "read", path: path, code: errno)
            }
            defer { close(file) }
            for entry in entries(of: dup(file)) ?? [] {
                guard fchownat(file, entry.name, owner.user, owner.group, AT_SYMLINK_NOFOLLOW) == 0 else {
                    throw FolderFailure(action: "give away a file in", path: path, code: errno)
                }
                if entry.isFolder { folders.append(folder.dropLast() + [47] + entry.name) }
            }
        }
    }
}
