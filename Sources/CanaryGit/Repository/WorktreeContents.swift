// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc

/// The files of a worktree, counted without git, because a process for each probe slows down a search.
struct WorktreeContents {
    private let path: String

    /// The linked worktree at `path`, which has all files of its index.
    init(_ path: String) { self.path = path }

    /// Whether there are no other files: as many as the index has, and no empty folder.
    ///
    /// False if that cannot be determined, as with submodules.
    var isClean: Bool {
        guard let tracked else { return false }
        var found = 0
        return count(in: path, isRoot: true, into: &found) && found == tracked
    }

    /// How many entries the index has: bytes 8 to 11 of gitformat-index(5).
    private var tracked: Int? {
        guard let link = try? String(contentsOfFile: path + "/.git", encoding: .utf8), link.hasPrefix("gitdir: ")
        else { return nil }
        let index = link.dropFirst("gitdir: ".count).prefix { $0 != "\n" } + "/index"
        let descriptor = open(String(index), O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var header = [UInt8](repeating: 0, count: 12)
        guard read(descriptor, &header, 12) == 12, header.starts(with: "DIRC".utf8) else { return nil }
        return header[8...].reduce(0) { $0 << 8 | Int($1) }
    }

    /// Counts files below `folder`; false if a folder is empty.
    private func count(in folder: String, isRoot: Bool, into found: inout Int) -> Bool {
        guard let stream = opendir(folder) else { return false }
        defer { closedir(stream) }
        var isEmpty = true
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name == "." || name == ".." || isRoot && name == ".git" { continue }
            isEmpty = false
            switch Int32(entry.pointee.d_type) {
            case Int32(DT_DIR): guard count(in: "\(folder)/\(name)", isRoot: false, into: &found) else { return false }
            case Int32(DT_UNKNOWN): return false
            default: found += 1
            }
        }
        return isRoot || !isEmpty
    }
}
