// SPDX-License-Identifier: Apache-2.0

package import CanaryFiles
import CanaryModel

/// Finds installed files that take an upstream's library from elsewhere: pure.
///
/// A file's own search path counts before `LD_LIBRARY_PATH`, other than for the loader: what was installed is used where
/// nobody sets that.
package struct LibraryResolution: Sendable {
    /// An installed file that is loaded.
    package struct Object: Hashable, Sendable {
        /// Where it lies, as the stages saw it.
        package let path: String
        /// What it asks for.
        package let file: ElfFile

        /// Describes the file at `path`.
        package init(path: String, file: ElfFile) {
            self.path = path
            self.file = file
        }
    }

    private let paths: SeenPaths
    private let own: Set<String>
    private let libraryPath: [String]
    /// Upstreams by the names of the libraries they install, and by those names without versions.
    private let owners: [String: [String]]
    private let kin: [Substring: [String]]

    /// Knows whose `paths` are, the names of the libraries that the project installs itself and those that each upstream
    /// does, and the folders of the stages' `LD_LIBRARY_PATH`.
    package init(paths: SeenPaths, own: Set<String>, installed: [String: Set<String>], libraryPath: [String]) {
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
    /// How long the path of such a folder may be: the system opens no longer one.
    private static let pathLimit = 4095
    /// How many findings are made: the first becomes the outcome, twenty more are shown.
    private static let findingLimit = 100
    /// The folders that loaders search last.
    static let defaultFolders = [
        "/usr/local/lib", "/usr/local/lib64", "/lib64", "/usr/lib64", "/lib", "/usr/lib", "/lib/x86_64-linux-gnu",
        "/usr/lib/x86_64-linux-gnu", "/lib/aarch64-linux-gnu", "/usr/lib/aarch64-linux-gnu",
    ]

    /// For each library of an upstream that `object` needs: the files that it may be, in the loader's order.
    package func searches(of object: Object) -> [[String]] {
        let names = object.file.needed.filter { !$0.contains("/") && owners[$0] != nil }
        guard !names.isEmpty else { return [] }
        let folders = folders(of: object)
        return names.map { Self.candidates(of: $0, in: folders) }
    }

    /// What is wrong with `objects`, given which of the files in `searches` exist.
    ///
    /// - Throws: `ReadingInterrupted` when the task is cancelled.
    package func findings(
        of objects: [Object], existing: Set<String>
    ) throws(ReadingInterrupted) -> [ConsumptionFinding] {
        var findings: [ConsumptionFinding] = []
        for object in objects {
            let folders = folders(of: object)
            for need in object.file.needed where findings.count < Self.findingLimit {
                try ReadingInterrupted.check(object.path)
                let what = need.hasPrefix("/") ? wrong(path: need) : wrong(name: need, in: folders, existing)
                guard let what else { continue }
                let text = "`\(object.path)` \(what)"
                findings.append(ConsumptionFinding(reason: .inspectWrongUpstream, text: text))
            }
        }
        return findings
    }

    private func wrong(path: String) -> String? {
        let name = path.fileName
        guard let owners = owners[name] ?? kin(of: name), let owner = owners.first,
            !paths.lies(path, belowAny: owners)
        else { return nil }
        return "needs `\(path)`, which is not in the prefix of `\(owner)`"
    }

    private func wrong(name: String, in folders: [String], _ existing: Set<String>) -> String? {
        if let owners = owners[name], let owner = owners.first {
            guard let taken = Self.candidates(of: name, in: folders).first(where: existing.contains),
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
        // By hand, from the end: the time of a regular expression grows with the square of the name's length.
        let bytes = Array(name.utf8)
        let file = bytes[..<start(ofNumbersIn: bytes[...], separators: [0x2E], first: [0x2E])]
        guard file.count > 3, file.suffix(3) == [0x2E, 0x73, 0x6F], !name.contains(where: \.isNewline)
        else { return nil }
        let base = file.dropLast(3)
        let end = start(ofNumbersIn: base, separators: [0x2E, 0x5F], first: [0x2D, 0x2E, 0x5F])
        guard end < base.endIndex || file.count < bytes.count else { return nil }
        return name[..<name.utf8.index(name.startIndex, offsetBy: end)]
    }

    /// Where the longest run of numbers begins that ends `bytes` and leaves something before it: a separator of `first`,
    /// digits, and then any number of times a separator and digits.
    private static func start(ofNumbersIn bytes: ArraySlice<UInt8>, separators: [UInt8], first: [UInt8]) -> Int {
        var found = bytes.endIndex
        var position = bytes.endIndex
        while true {
            var digits = position
            while digits > 0, 0x30...0x39 ~= bytes[digits - 1] { digits -= 1 }
            guard digits < position, digits > 1 else { return found }
            let separator = bytes[digits - 1]
            if first.contains(separator) { found = digits - 1 }
            guard separators.contains(separator) else { return found }
            position = digits - 1
        }
    }

    private func folders(of object: Object) -> [String] {
        let origin = object.path.dropLast(object.path.fileName.count + 1)
        let own = object.file.searchPath.prefix(Self.folderLimit).filter { $0.utf8.count <= Self.pathLimit }.map {
            $0.utf8.contains(36)
                ? $0.replacing("${ORIGIN}", with: origin).replacing("$ORIGIN", with: origin) : $0
        }
        // Others are relative to wherever a process stands, or hold words that only a loader can replace.
        let absolute = own.filter { $0.hasPrefix("/") && !$0.contains("$") }
        return (absolute + libraryPath + Self.defaultFolders).map(SeenPaths.tidy)
    }

    private static func candidates(of name: String, in folders: [String]) -> [String] {
        folders.map { $0 == "/" ? "/\(name)" : "\($0)/\(name)" }
    }
}
