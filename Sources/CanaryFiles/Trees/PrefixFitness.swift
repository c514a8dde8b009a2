// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Makes what a build installed fit to be used by others and to lie on this machine.
///
/// A program with a set-id bit, or with capabilities, would give everybody who can start it the rights of its owner; a
/// device gives the machine; a socket and a pipe mean nothing once their process is gone.
package struct PrefixFitness {
    private static let setID = S_ISUID | S_ISGID
    private let root: String

    /// Looks at the prefix at `root`, in which nothing runs any more and which is within the bounds of `TreeListing`.
    package init(of root: String) { self.root = root }

    /// Takes set-id bits and capabilities from all files, and set-id bits from folders.
    ///
    /// - Returns: what can be no part of a prefix, as a sentence; nil when there is nothing.
    /// - Throws: `FolderFailure` when something cannot be read or changed, `ReadingInterrupted`.
    package func establish() throws -> String? {
        var folders: [Path] = [[]]
        while let folder = folders.popLast() {
            let file = open(full(folder), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
            guard file >= 0 else { throw failure(folder) }
            defer { close(file) }
            var state = stat()
            guard fstat(file, &state) == 0 else { throw failure(folder) }
            if state.st_mode & Self.setID != 0, fchmod(file, state.st_mode & 0o1777) != 0 { throw failure(folder) }
            guard let entries = Folder.entries(of: dup(file)) else { throw failure(folder) }
            for entry in entries {
                let path = folder + entry.name.dropLast()
                try ReadingInterrupted.check("\(root)/\(Self.text(path))")
                guard let isFolder = try clean(entry.name, in: file, path) else {
                    return
                        "`\(Self.text(path))` is a device, a socket or a pipe; a prefix holds files, folders and links"
                }
                if isFolder { folders.append(path + [47]) }
            }
        }
        return nil
    }

    /// Bytes of a path below the root.
    private typealias Path = [CChar]

    private func full(_ path: Path) -> Path { root.utf8CString.dropLast() + [47] + path + [0] }

    private static func text(_ path: Path) -> String {
        String(decoding: path.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// Whether it is a folder; nil when it is neither a folder, nor a file, nor a link.
    private func clean(_ name: [CChar], in folder: Int32, _ path: Path) throws(FolderFailure) -> Bool? {
        var state = stat()
        guard fstatat(folder, name, &state, AT_SYMLINK_NOFOLLOW) == 0 else { throw failure(path) }
        let type = state.st_mode & S_IFMT
        if type == S_IFLNK { return false }
        guard type == S_IFREG || type == S_IFDIR else { return nil }
        if type == S_IFREG, state.st_mode & Self.setID != 0 {
            guard fchmodat(folder, name, state.st_mode & 0o1777, 0) == 0 else { throw failure(path) }
        }
        // A change of owner, even to the same, takes the capabilities of a file (capabilities(7)); only root can give some.
        if type == S_IFREG, geteuid() == 0 {
            guard fchownat(folder, name, .max, .max, AT_SYMLINK_NOFOLLOW) == 0 else { throw failure(path) }
        }
        return type == S_IFDIR
    }

    private func failure(_ path: Path) -> FolderFailure {
        FolderFailure(action: "read", path: "\(root)/\(Self.text(path))", code: errno)
    }
}
