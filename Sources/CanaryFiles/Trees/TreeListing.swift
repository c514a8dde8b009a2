// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Everything below a folder that a build wrote, within bounds.
package enum TreeListing {
    /// The bytes of a path below the root, with the 0 that ends them.
    package typealias Path = [CChar]

    /// A file, folder or link.
    package struct Entry {
        /// Where it lies, from the root.
        package let path: Path
        /// Whether it is a folder.
        package let isFolder: Bool
    }

    /// Twelve times what a full installation of OpenUSD with Python has; each one costs us half a KiB of memory.
    static let mostEntries = 250_000
    /// The system opens no path above 4,095 bytes; half of that leaves room for the folder that holds the tree.
    static let longestPath = 2048
    /// Three times the depth of the deepest trees of packages in packages.
    static let deepest = 100

    /// All entries below `root`, in no order.
    ///
    /// - Throws: `FolderFailure` if a folder cannot be read, `InstalledTreeProblem`, `ReadingInterrupted`.
    package static func entries(below root: String) throws -> [Entry] {
        var found: [Entry] = []
        var folders: [(path: Path, depth: Int)] = [([0], 0)]
        while let (folder, depth) = folders.popLast() {
            try ReadingInterrupted.check(name(of: folder, in: root))
            let file = open(full(folder, in: root), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
            let most = mostEntries - found.count + 1
            guard file >= 0, let entries = Folder.entries(of: file, atMost: most) else {
                throw failure(folder, in: root, errno)
            }
            let start = folder.count == 1 ? [] : folder.dropLast() + [47]
            for entry in entries {
                let path = start + entry.name
                found.append(Entry(path: path, isFolder: entry.isFolder))
                if entry.isFolder { folders.append((path, depth + 1)) }
            }
            try checkBounds(found, path: (start.count + (entries.map(\.name.count).max() ?? 0), depth), start)
        }
        return found
    }

    private static func checkBounds(_ found: [Entry], path: (length: Int, depth: Int), _ start: Path) throws {
        let folder = text(start + [0])
        if found.count > mostEntries {
            throw InstalledTreeProblem(description: "more than \(mostEntries) files and folders are installed")
        }
        if path.length > longestPath {
            throw InstalledTreeProblem(
                description: "a path of \(path.length) bytes is installed, longer than the limit of \(longestPath): "
                    + "`\(folder.prefix(120))...`")
        }
        if path.depth > deepest {
            throw InstalledTreeProblem(
                description: "a folder is installed deeper than the limit of \(deepest): `\(folder.prefix(120))...`")
        }
    }

    /// `path` below `root`, for the system.
    static func full(_ path: Path, in root: String) -> Path { Array(root.utf8CString.dropLast()) + [47] + path }

    /// `path` as text.
    static func text(_ path: Path) -> String {
        String(decoding: path.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// `path` below `root`, as text.
    static func name(of path: Path, in root: String) -> String { path.count > 1 ? "\(root)/\(text(path))" : root }

    /// That `path` below `root` cannot be read.
    static func failure(_ path: Path, in root: String, _ code: Int32) -> FolderFailure {
        FolderFailure(action: "read", path: name(of: path, in: root), code: code)
    }
}
