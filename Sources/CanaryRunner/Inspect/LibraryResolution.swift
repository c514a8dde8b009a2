// SPDX-License-Identifier: Apache-2.0

import CanaryModel

/// Finds installed files that take an upstream's library from elsewhere: pure.
///
/// A file's own search path counts before `LD_LIBRARY_PATH`, other than for the loader: what was installed is used where
/// nobody sets that.
struct LibraryResolution: Sendable {
    /// An installed file that is loaded.
    struct Object: Hashable, Sendable {
        /// Where it lies, as the stages saw it.
        let path: String
        /// What it asks for.
        let file: ElfFile
    }

    private let paths: SeenPaths
    private let own: Set<String>
    private let libraryPath: [String]
    /// Upstreams by the names of the libraries they install, and by those names without versions.
    private let owners: [String: [String]]
    private let kin: [Substring: [String]]

    /// Knows whose `paths` are, the names of the libraries that the project installs itself and those that each upstream
    /// does, and the folders of the stages' `LD_LIBRARY_PATH`.
    init(paths: SeenPaths, own: Set<String>, installed: [String: Set<String>], libraryPath: [String]) {
        self.paths = paths
        self.own = own
        self.libraryPath = libraryPath
        let pairs = installed.sorted { $0.key < $1.key }.flatMap { upstream, names in names.map { ($0, upstream) } }
        owners = Dictionary(grouping: pairs, by: \.0).mapValues { $0.map(\.1) }
        let stems = pairs.compactMap { name, upstream in Self.stem(of: name).map { ($0, upstream) } }
        kin = Dictionary(grouping: stems, by: \.0).mapValues { $0.map(\.1) }
    }

    /// How many folders of a search path are used: far more than linkers get.
    private static let folderLimit = 128
    /// The folders that loaders search last.
    private static let defaultFolders = [
        "/usr/local/lib", "/usr/local/lib64", "/lib64", "/usr/lib64", "/lib", "/usr/lib", "/lib/x86_64-linux-gnu",
        "/usr/lib/x86_64-linux-gnu", "/lib/aarch64-linux-gnu", "/usr/lib/aarch64-linux-gnu",
    ]

    /// For each library of an upstream that `object` needs: the files that it may be, in the loader's order.
    func searches(of object: Object) -> [[String]] {
        object.file.needed.filter { !$0.contains("/") && owners[$0] != nil }.map { candidates(of: $0, for: object) }
    }

    /// What is wrong with `objects`, given which of the files in `searches` exist.
    func findings(of objects: [Object], existing: Set<String>) -> [ConsumptionFinding] {
        objects.flatMap { object in
            object.file.needed.compactMap { need in
                (need.hasPrefix("/") ? wrong(path: need) : wrong(name: need, for: object, existing)).map { what in
                    ConsumptionFinding(reason: .inspectWrongUpstream, text: "`\(object.path)` \(what)")
                }
            }
        }
    }

    private func wrong(path: String) -> String? {
        let name = String(path.lastComponent)
        guard let owners = owners[name] ?? kin(of: name), let owner = owners.first,
            !paths.lies(path, belowAny: owners)
        else { return nil }
        return "needs `\(path)`, which is not in the prefix of `\(owner)`"
    }

    private func wrong(name: String, for object: Object, _ existing: Set<String>) -> String? {
        if let owners = owners[name], let owner = owners.first {
            guard let taken = candidates(of: name, for: object).first(where: existing.contains),
                !paths.lies(taken, belowAny: owners)
            else { return nil }
            return "takes the library of `\(owner)` from `\(taken)`, which is not in its prefix"
        }
        guard !own.contains(name), let owner = kin(of: name)?.first else { return nil }
        return "needs `\(name)`, another version of a library of `\(owner)` than the one in its prefix"
    }

    /// The upstreams that install another version of the library.
    private func kin(of name: String) -> [String]? { Self.stem(of: name).flatMap { kin[$0] } }

    /// A library's name without its version: `libImath` for `libImath-3_1.so.29`; nil for one without a version.
    static func stem(of name: String) -> Substring? {
        let parts = name.wholeMatch(of: /(.+?)([-_.]\d+(?:[._]\d+)*)?\.so((?:\.\d+)*)/)?.output
        guard let parts, parts.2 != nil || !parts.3.isEmpty else { return nil }
        return parts.1
    }

    private func candidates(of name: String, for object: Object) -> [String] {
        let origin = object.path.dropLast(object.path.lastComponent.count + 1)
        let own = object.file.searchPath.prefix(Self.folderLimit).map {
            $0.replacing("${ORIGIN}", with: origin).replacing("$ORIGIN", with: origin)
        }
        // Others are relative to wherever a process stands, or hold words that only a loader can replace.
        let absolute = own.filter { $0.hasPrefix("/") && !$0.contains("$") }
        return (absolute + libraryPath + Self.defaultFolders).map { SeenPaths.tidy("\($0)/\(name)") }
    }
}

extension String {
    /// What follows the last slash.
    fileprivate var lastComponent: Substring {
        lastIndex(of: "/").map { self[index(after: $0)...] } ?? self[...]
    }
}
