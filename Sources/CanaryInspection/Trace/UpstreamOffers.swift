// SPDX-License-Identifier: Apache-2.0

import CanaryText

/// What the prefix of one upstream offers to compilers, linkers and loaders.
package struct UpstreamOffer: Sendable {
    /// The upstream.
    package let project: String
    /// Its prefix, as the stages saw it.
    let prefix: String
    /// Its headers, as others include them.
    let headers: Set<String>
    /// The names of its shared libraries.
    let libraries: Set<String>
    /// The names of its libraries of all kinds.
    let files: Set<String>
    /// The same without versions and without what says of which kind they are.
    let stems: Set<String>
    /// What it is called, in lower case: itself, its packages and its libraries.
    private let names: Set<String>
    /// Itself and its packages, in lower case.
    private let packages: [String]

    /// What `files` offer, which lie in `prefix`.
    package init(of project: String, in prefix: String, packages: [String], _ files: InstalledFiles) {
        self.init(
            of: project, in: prefix, packages: packages, headers: files.headers, libraries: files.libraries,
            archives: files.archives)
    }

    init(
        of project: String, in prefix: String, packages: [String] = [], headers: Set<String>, libraries: Set<String>,
        archives: Set<String>
    ) {
        self.project = project
        self.prefix = prefix
        self.headers = headers
        self.libraries = libraries
        files = libraries.union(archives)
        stems = Set(files.compactMap(LibraryName.stem))
        self.packages = ([project] + packages).map { $0.lowercased() }
        let bare = stems.map { ($0.hasPrefix("lib") ? String($0.dropFirst(3)) : $0).lowercased() }
        names = Set(self.packages + bare)
    }

    /// Whether the header `name` is called after it: others may well have a `version.h` of their own.
    func isNamedAfter(_ name: String) -> Bool {
        let first = name.split(separator: "/").first.map { $0.prefix { $0 != "." } } ?? ""
        return names.contains(first.lowercased())
    }

    /// Whether the library at `path` is called after it, rather than a helper of any name.
    func isNamedAfter(library path: String) -> Bool {
        guard let stem = LibraryName.stem(of: path.fileName)?.lowercased() else { return false }
        let name = stem.hasPrefix("lib") ? String(stem.dropFirst(3)) : stem
        return packages.contains { name.hasPrefix($0) }
    }

    /// The folders of its headers that are called after it: what lies in one elsewhere is an older copy.
    var folders: Set<String> {
        Set(
            headers.filter { $0.contains("/") && isNamedAfter($0) }.compactMap {
                $0.split(separator: "/").first.map(String.init)
            })
    }
}

/// Names of library files.
enum LibraryName {
    /// `libImath` for `libImath-3_1.so.29`, `libImath.so` and `libImath-3_1.a`; nil for what is no library.
    static func stem(of name: String) -> String? {
        if name.hasSuffix(".a") { return name == ".a" ? nil : stem(of: name.dropLast(2) + ".so") }
        if let stem = LibraryResolution.stem(of: name) { return String(stem) }
        return name.hasSuffix(".so") && name.utf8.count > 3 ? String(name.dropLast(3)) : nil
    }
}

/// All offers of the upstreams of an attempt, to be found again in what compilers and linkers recorded.
package struct UpstreamOffers: Sendable {
    /// The offers, in the order of their names.
    let all: [UpstreamOffer]
    private let prefixes: [[UInt8]]
    /// The hashes of the names of headers, and of their folders.
    private let headerNames: Set<UInt64>
    private let folderNames: Set<UInt64>
    private let stems: Set<String>

    /// Collects `offers`.
    package init(_ offers: [UpstreamOffer]) {
        all = offers.sorted { $0.project < $1.project }
        prefixes = offers.map { Array("\($0.prefix)/".utf8) }
        stems = offers.reduce(into: []) { $0.formUnion($1.stems) }
        headerNames = Set(offers.flatMap(\.headers).map { Self.hash(of: $0.fileName) })
        folderNames = Set(offers.flatMap(\.folders).map(Self.hash))
    }

    /// Whether the file at `path` may be a header of an upstream, be it from its prefix or from elsewhere.
    ///
    /// Some others are taken for headers too, so that a record of millions of paths is read without making texts of all.
    func mayHold(_ path: UnsafeRawBufferPointer) -> Bool {
        if prefixes.contains(where: { path.hasPrefix($0) }) { return true }
        var hash = Self.start
        for byte in path {
            if byte == 0x2F {
                if folderNames.contains(hash) { return true }
                hash = Self.start
            } else {
                hash = Self.next(hash, byte)
            }
        }
        return headerNames.contains(hash)
    }

    /// Whether `library` has the name of one of an upstream.
    func mayOffer(_ library: LinkCommand.Library) -> Bool {
        switch library {
        case .file(let path): LibraryName.stem(of: path.fileName).map(stems.contains) ?? false
        case .searched(let names, _): names.contains { LibraryName.stem(of: $0).map(stems.contains) ?? false }
        }
    }

    // FNV-1a.
    private static let start: UInt64 = 0xCBF2_9CE4_8422_2325

    private static func next(_ hash: UInt64, _ byte: UInt8) -> UInt64 { (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }

    private static func hash(of name: String) -> UInt64 { name.utf8.reduce(start, next) }
}

extension String {
    /// What follows the last slash.
    var fileName: String { lastIndex(of: "/").map { String(self[index(after: $0)...]) } ?? self }
}
