// SPDX-License-Identifier: Apache-2.0

import CanaryFiles
import CanaryText

/// What an installed tree offers to compilers, linkers and loaders.
package struct InstalledFiles {
    /// The files that ask something of the loader, in the order of their paths.
    package private(set) var objects: [(path: String, file: ElfFile)] = []
    /// The names of shared libraries: of files and links, and those that they give themselves.
    package private(set) var libraries: Set<String> = []
    /// The names of static libraries.
    private(set) var archives: Set<String> = []
    /// Headers as others include them: without what leads to a folder `include`, else with one folder.
    private(set) var headers: Set<String> = []

    /// How many bytes the names may have that all files ask for: ten times those of a whole distribution of Linux.
    private static let textLimit = 16 << 20
    private static let headerEndings: Set<Substring> = ["h", "hh", "hpp", "hxx", "h++", "inl", "ipp", "tcc", "cuh"]

    /// A tree that offers nothing.
    package init() {}

    /// Reads the tree at `root`; nothing if it cannot be listed.
    ///
    /// - Throws: `InstalledTreeProblem` when there is too much of it, `ReadingInterrupted`.
    package init(in root: String) throws {
        var size = 0
        for path in try Self.paths(below: root).sorted() {
            try ReadingInterrupted.check("\(root)/\(path)")
            let name = path.fileName
            if Self.isHeader(name, at: path) {
                headers.formUnion(Self.included(path))
                continue
            }
            if name.hasSuffix(".a") { archives.insert(name) }
            let isLibrary = name.hasSuffix(".so") || name.contains(".so.")
            if isLibrary { libraries.insert(name) }
            guard let file = InspectedFile.withMapping(of: "\(root)/\(path)", { ElfFile($0) }) else { continue }
            if isLibrary, let soname = file.soname { libraries.insert(soname) }
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

    /// The paths of all but folders below `root`, from there; names that are not UTF-8 are left out, and everything
    /// where a folder cannot be read.
    private static func paths(below root: String) throws -> [String] {
        do {
            return try TreeListing.entries(below: root).filter { !$0.isFolder }.compactMap {
                String(validating: $0.path.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
            }
        } catch is FolderFailure {
            return []
        }
    }

    private static func isHeader(_ name: String, at path: String) -> Bool {
        guard let dot = name.lastIndex(of: ".") else { return path.hasPrefix("include/") }
        return headerEndings.contains(name[name.index(after: dot)...])
    }

    /// The names by which others include the header at `path`: `up-1.3/up.h` is `up.h` too.
    private static func included(_ path: String) -> [String] {
        let parts = path.split(separator: "/")
        let top = parts.firstIndex(of: "include").map { $0 + 1 } ?? max(parts.count - 2, 0)
        let name = parts[min(top, parts.count - 1)...]
        let whole = name.joined(separator: "/")
        guard name.count > 1, name.first?.last?.isNumber == true else { return [whole] }
        return [whole, name.dropFirst().joined(separator: "/")]
    }
}
