// SPDX-License-Identifier: Apache-2.0

import Foundation

extension Folder {
    /// Creates the folder at `path` below `root`, and those between, without following a link on the way.
    ///
    /// `root` itself is created as `make(_:)` creates it and may be a link: whoever runs canary chose it.
    ///
    /// - Returns: whether the folder is empty.
    /// - Throws: `FolderFailure` when a folder cannot be created, or when a link or a file is in its place.
    @discardableResult
    package static func make(_ path: String, below root: String) throws(FolderFailure) -> Bool {
        try make(root)
        var reached = root
        var folder = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { throw FolderFailure(action: "open", path: root, code: errno) }
        for name in path.split(separator: "/") {
            reached += "/\(name)"
            let above = folder
            folder = enter(String(name), in: above)
            let code = errno
            close(above)
            guard folder >= 0 else { throw FolderFailure(action: "create", path: reached, code: code) }
        }
        return entries(of: folder)?.isEmpty ?? false
    }

    private static func enter(_ name: String, in folder: Int32) -> Int32 {
        guard name != ".." else {
            errno = EINVAL
            return -1
        }
        if mkdirat(folder, name, 0o755) != 0, errno != EEXIST { return -1 }
        return openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    }

    /// Whether the file system takes names that differ in case alone for one name; judged by the folder at `path`.
    package static func ignoresCase(_ path: String) -> Bool {
        let slash = path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex
        let name = String(path[slash...])
        let other = name == name.uppercased() ? name.lowercased() : name.uppercased()
        var (here, there) = (stat(), stat())
        guard name != other, lstat(path, &here) == 0, lstat(path[..<slash] + other, &there) == 0 else { return false }
        return here.st_ino == there.st_ino && here.st_dev == there.st_dev
    }
}
