// SPDX-License-Identifier: Apache-2.0

import CanaryFiles
import CanaryText
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

    /// How many bytes the names may have that all files ask for: ten times those of a whole distribution of Linux.
    private static let textLimit = 16 << 20

    /// Reads the tree at `root`; nothing if it cannot be listed.
    ///
    /// - Throws: `InstalledTreeProblem` when there is too much of it, `ReadingInterrupted`.
    init(in root: String) throws {
        var size = 0
        for path in try Folder.files(below: root).sorted() {
            try ReadingInterrupted.check("\(root)/\(path)")
            let name = path.split(separator: "/").last.map(String.init) ?? path
            let isLibrary = name.hasSuffix(".so") || name.contains(".so.")
            if isLibrary { names.insert(name) }
            guard let file = InspectedFile.withMapping(of: "\(root)/\(path)", { ElfFile($0) }) else { continue }
            if isLibrary, let soname = file.soname { names.insert(soname) }
            guard !file.needed.isEmpty else { continue }
            size += file.needed.reduce(file.searchPath.reduce(0) { $0 + $1.utf8.count }) { $0 + $1.utf8.count }
            guard size <= Self.textLimit else {
                throw InstalledTreeProblem(
                    description: "the installed files ask for libraries with names of more than "
                        + "\(Self.textLimit.sizeText) together: the limit is reached at `\(root)/\(path)`")
            }
            objects.append((path, file))
        }
    }
}

extension Folder {
    /// How many entries of one folder are looked at: more than any build leaves beside its `CMakeCache.txt`.
    private static let entryLimit = 100_000

    /// The names of the folders in the folder at `path`, sorted; links are none.
    static func folders(in path: String) -> [String] {
        let file = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard file >= 0, let entries = entries(of: file, atMost: entryLimit) else { return [] }
        return entries.filter(\.isFolder).compactMap { name(of: $0.name) }.sorted()
    }

    /// The paths of all but folders below `root`, from there; names that are not UTF-8 are left out, and everything
    /// where a folder cannot be read.
    static func files(below root: String) throws -> [String] {
        do {
            return try TreeListing.entries(below: root).filter { !$0.isFolder }.compactMap { name(of: $0.path) }
        } catch is FolderFailure {
            return []
        }
    }

    private static func name(of path: [CChar]) -> String? {
        String(validating: path.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
