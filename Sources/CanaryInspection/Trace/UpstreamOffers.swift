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
    /// The names of all its libraries, without versions and without what says of which kind they are.
    let stems: Set<String>

    /// What `files` offer, which lie in `prefix`.
    package init(of project: String, in prefix: String, _ files: InstalledFiles) {
        self.init(
            of: project, in: prefix, headers: files.headers, libraries: files.libraries, archives: files.archives)
    }

    init(of project: String, in prefix: String, headers: Set<String>, libraries: Set<String>, archives: Set<String>) {
        self.project = project
        self.prefix = prefix
        self.headers = headers
        self.libraries = libraries
        stems = Set(libraries.union(archives).compactMap(LibraryName.stem))
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
    private let headerNames: Set<UInt64>
    private let stems: Set<String>

    /// Collects `offers`.
    package init(_ offers: [UpstreamOffer]) {
        all = offers.sorted { $0.project < $1.project }
        prefixes = offers.map { Array("\($0.prefix)/".utf8) }
        stems = offers.reduce(into: []) { $0.formUnion($1.stems) }
        headerNames = offers.reduce(into: []) { names, offer in
            for header in offer.headers { Array(header.utf8).withUnsafeBytes { _ = names.insert(Self.nameHash($0)) } }
        }
    }

    /// Whether the file at `path` may be a header of an upstream, be it from its prefix or from elsewhere.
    ///
    /// Some others are taken for headers too, so that a record of millions of paths is read without making texts of all.
    func mayHold(_ path: UnsafeRawBufferPointer) -> Bool {
        prefixes.contains { path.hasPrefix($0) } || headerNames.contains(Self.nameHash(path))
    }

    /// Whether `library` has the name of one of an upstream.
    func mayOffer(_ library: LinkCommand.Library) -> Bool {
        switch library {
        case .file(let path): LibraryName.stem(of: path.fileName).map(stems.contains) ?? false
        case .searched(let names, _): names.contains { LibraryName.stem(of: $0).map(stems.contains) ?? false }
        }
    }

    /// FNV-1a of what follows the last slash.
    private static func nameHash(_ path: UnsafeRawBufferPointer) -> UInt64 {
        var start = path.count
        while start > 0, path[start - 1] != 0x2F { start -= 1 }
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for position in start..<path.count { hash = (hash ^ UInt64(path[position])) &* 0x100_0000_01B3 }
        return hash
    }
}

extension String {
    /// What follows the last slash.
    var fileName: String { lastIndex(of: "/").map { String(self[index(after: $0)...]) } ?? self }
}
