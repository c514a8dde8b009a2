// SPDX-License-Identifier: Apache-2.0

import CanaryFiles
import Glibc

/// Files that a build left behind: reading them is safe, whatever they are.
enum InspectedFile {
    /// At most the first `limit` bytes of the regular file at `path`; nil when there is none.
    static func contents(of path: String, atMost limit: Int) -> [UInt8]? {
        withMapping(of: path) { Array($0.prefix(limit)) }
    }

    /// What `read` makes of the regular file at `path`; nil when there is none, or nothing in it.
    ///
    /// A link is not followed, a pipe is not waited for. The file must no longer be written to.
    static func withMapping<Found>(of path: String, _ read: (UnsafeRawBufferPointer) -> Found?) -> Found? {
        let file = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var state = stat()
        guard fstat(file, &state) == 0, state.st_mode & S_IFMT == S_IFREG, state.st_size > 0 else { return nil }
        let size = Int(state.st_size)
        guard let start = mmap(nil, size, PROT_READ, MAP_PRIVATE, file, 0), start != MAP_FAILED else { return nil }
        defer { munmap(start, size) }
        return read(UnsafeRawBufferPointer(start: start, count: size))
    }

    /// Whether something lies at `path`, be it a link that leads nowhere here.
    static func exists(_ path: String) -> Bool {
        var state = stat()
        return lstat(path, &state) == 0
    }

    /// `path` without links; where nothing lies there, without `.` and `..` alone.
    @Sendable static func real(_ path: String) -> String {
        guard let found = realpath(path, nil) else { return SeenPaths.tidy(path) }
        defer { free(found) }
        return String(cString: found)
    }
}

/// The ELF files of an installed tree, and the names that it offers to others.
struct InstalledLibraries {
    /// The files that ask something of the loader, in the order of their paths.
    private(set) var objects: [(path: String, file: ElfFile)] = []
    /// The names of libraries: of files and links, and those that they give themselves.
    private(set) var names: Set<String> = []

    /// Reads the tree at `root`.
    init(in root: String) {
        for path in Folder.files(below: root).sorted() {
            let name = path.split(separator: "/").last.map(String.init) ?? path
            let isLibrary = name.hasSuffix(".so") || name.contains(".so.")
            if isLibrary { names.insert(name) }
            guard let file = InspectedFile.withMapping(of: "\(root)/\(path)", { ElfFile($0) }) else { continue }
            if isLibrary, let soname = file.soname { names.insert(soname) }
            if !file.needed.isEmpty { objects.append((path, file)) }
        }
    }
}

extension Folder {
    /// The names of the folders in the folder at `path`, sorted; links are none.
    static func folders(in path: String) -> [String] { listing(of: path).filter(\.isFolder).map(\.name).sorted() }

    /// The paths of all but folders below `root`, from there; names that are not UTF-8 are left out.
    static func files(below root: String) -> [String] {
        var files: [String] = []
        var open = [""]
        while let folder = open.popLast() {
            for entry in listing(of: "\(root)/\(folder)") {
                if entry.isFolder { open.append("\(folder)\(entry.name)/") } else { files.append(folder + entry.name) }
            }
        }
        return files
    }

    private static func listing(of path: String) -> [(name: String, isFolder: Bool)] {
        let file = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard file >= 0, let entries = entries(of: file) else { return [] }
        return entries.compactMap { entry in
            String(validating: entry.name.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
                .map { ($0, entry.isFolder) }
        }
    }
}
