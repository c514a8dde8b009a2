// SPDX-License-Identifier: Apache-2.0

import CanaryFiles
import Foundation
import Glibc

/// The files of a checkout, compared with its index without git, because a process for each probe slows down a search.
struct WorktreeContents {
    private let path: String
    private let hashBytes: Int
    /// The permissions of folders, from the root; what created the files had the same mask.
    private let mode: mode_t

    /// The checkout at `path`, after git has written all files of its index.
    ///
    /// - Parameters:
    ///   - hashBytes: the length of an object's name, 20 or 32.
    ///   - mode: the permissions of each folder in it.
    init(_ path: String, hashBytes: Int, mode: mode_t) {
        self.path = path
        self.hashBytes = hashBytes
        self.mode = mode
    }

    /// Whether nothing else is there: no other file, link, socket or pipe, no other empty folder, nothing in submodules,
    /// and no permissions but those that git gives.
    ///
    /// False if that cannot be determined.
    var isExact: Bool {
        guard let entries = CheckoutIndex(at: path + "/.git/index", hashBytes: hashBytes)?.entries,
            !entries.contains(where: \.isMarked)
        else { return false }
        let submodules = Set(entries.filter { $0.submodule != nil }.map(\.path))
        var walk = Walk(root: path, submodules: submodules, mode: mode)
        return walk.visit("") && walk.files == entries.count - submodules.count && walk.empty == submodules.count
    }

    /// A walk over all folders; it ends at the first thing that is not as git would write it.
    private struct Walk {
        let root: String
        let submodules: Set<String>
        let mode: mode_t
        private(set) var files = 0
        private(set) var empty = 0

        init(root: String, submodules: Set<String>, mode: mode_t) {
            self.root = root
            self.submodules = submodules
            self.mode = mode
        }

        /// Visits the folder at `start`, which is empty or ends with a slash.
        mutating func visit(_ start: String) -> Bool {
            let descriptor = open("\(root)/\(start)", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
            var state = stat()
            guard descriptor >= 0, fstat(descriptor, &state) == 0, state.st_mode & 0o777 == mode & 0o777 else {
                if descriptor >= 0 { close(descriptor) }
                return false
            }
            // `entries` closes the descriptor that it is given.
            let own = dup(descriptor)
            defer { close(own) }
            guard let entries = Folder.entries(of: descriptor) else { return false }
            if entries.isEmpty {
                empty += 1
                return submodules.contains(String(start.dropLast()))
            }
            for entry in entries {
                guard let name = entry.text else { return false }
                if start.isEmpty, name == ".git" { continue }
                guard visit(entry, named: name, in: start, own) else { return false }
            }
            return true
        }

        private mutating func visit(
            _ entry: Folder.Entry, named name: String, in start: String, _ folder: Int32
        ) -> Bool {
            if entry.isFolder { return visit("\(start)\(name)/") }
            var state = stat()
            guard fstatat(folder, entry.name, &state, AT_SYMLINK_NOFOLLOW) == 0 else { return false }
            switch state.st_mode & S_IFMT {
            case S_IFLNK: break
            case S_IFREG where state.st_mode & 0o777 == mode & (state.st_mode & 0o100 == 0 ? 0o666 : 0o777): break
            default: return false
            }
            files += 1
            return true
        }
    }
}
