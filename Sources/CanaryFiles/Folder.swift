// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Folders as the kernel sees them: names are bytes, links are not followed, and builds can leave anything in them.
package enum Folder {
    /// A file or a folder in a folder.
    package struct Entry {
        /// The bytes of its name, with the 0 that ends them.
        package let name: [CChar]
        /// Whether it is a folder; false when the file system does not say.
        package let isFolder: Bool

        /// Its name; nil when that is not UTF-8.
        package var text: String? {
            String(validating: name.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        }
    }

    /// Creates `path` and the folders above it; does nothing when the folder exists.
    ///
    /// - Parameter mode: the permissions of `path`, which the umask reduces; folders above it are made for this user alone.
    /// - Throws: `FolderFailure` when a folder cannot be created, or when something else is at `path`.
    package static func make(_ path: String, mode: UInt32 = 0o755) throws(FolderFailure) {
        if mkdir(path, mode) == 0 || errno == EEXIST { return try checked(path) }
        guard errno == ENOENT, let slash = path.lastIndex(of: "/"), slash != path.startIndex else {
            throw FolderFailure(action: "create", path: path, code: errno)
        }
        try make(String(path[..<slash]), mode: 0o700)
        if mkdir(path, mode) != 0, errno != EEXIST { throw FolderFailure(action: "create", path: path, code: errno) }
    }

    private static func checked(_ path: String) throws(FolderFailure) {
        if !exists(path) { throw FolderFailure(action: "create", path: path, code: ENOTDIR) }
    }

    /// Whether there is a folder at `path`; links are followed.
    package static func exists(_ path: String) -> Bool {
        var state = stat()
        return stat(path, &state) == 0 && state.st_mode & S_IFMT == S_IFDIR
    }

    /// The names in the folder at `path`, except those that are not UTF-8; none when the folder cannot be read.
    package static func names(in path: String) -> [String] {
        let file = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard file >= 0, let entries = entries(of: file) else { return [] }
        return entries.compactMap(\.text)
    }

    /// The names of the folders in the folder at `path`, without links to others; see `names(in:)`.
    package static func folders(in path: String) -> [String] {
        names(in: path).filter { name in
            var state = stat()
            return lstat("\(path)/\(name)", &state) == 0 && state.st_mode & S_IFMT == S_IFDIR
        }
    }

    /// The content of the folder opened as `file`, which this closes; nil when it cannot be read (see `errno`).
    ///
    /// - Parameter limit: how many entries are read at most.
    package static func entries(of file: Int32, atMost limit: Int = .max) -> [Entry]? {
        guard let folder = fdopendir(file) else {
            close(file)
            return nil
        }
        defer { closedir(folder) }
        var entries: [Entry] = []
        errno = 0
        while entries.count < limit, let next = readdir(folder) {
            let isFolder = next.pointee.d_type == DT_DIR
            let name = withUnsafePointer(to: &next.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) {
                    Array(UnsafeBufferPointer(start: $0, count: strlen($0) + 1))
                }
            }
            // `.` and `..`
            if name[0] == 46, name.count == 2 || name.count == 3 && name[1] == 46 { continue }
            entries.append(Entry(name: name, isFolder: isFolder))
        }
        return errno == 0 ? entries : nil
    }
}
