// SPDX-License-Identifier: Apache-2.0

import CanaryModel

/// What a trace shows about one upstream: pure.
struct UpstreamUse: Sendable {
    /// What the upstream offers.
    let offer: UpstreamOffer
    /// Its headers that were read.
    private(set) var headers: Set<String> = []
    /// The names of its libraries that were linked.
    private(set) var libraries: Set<String> = []
    /// Whether its programs are named in what was to be run.
    let hasPrograms: Bool
    /// Headers and libraries from elsewhere that have the names of its own.
    private(set) var strays: Set<String> = []
    /// The same headers from the prefixes of other upstreams, by those.
    private(set) var borrowed: [String: Set<String>] = [:]
    /// The same from the source or the build folder: copies that are part of the project, or files of its own.
    private(set) var copiedHeaders: Set<String> = []
    /// See `copiedHeaders`.
    private(set) var copiedLibraries: Set<String> = []

    /// Whether anything of it was used.
    var isUsed: Bool { !headers.isEmpty || !libraries.isEmpty || hasPrograms }

    /// Whether a library of the project's own copy stands where one of the upstream's belongs.
    var isReplaced: Bool { libraries.isEmpty && copiedLibraries.contains(where: offer.isNamedAfter(library:)) }

    /// Whether not being used would show in `trace`.
    func wouldShow(in trace: BuildTrace) -> Bool {
        offer.headers.isEmpty ? !offer.stems.isEmpty && trace.hasLibraries : trace.isWhole
    }

    /// Finds the upstream of `offer` in `trace`.
    ///
    /// - Parameters:
    ///   - existing: of the files that names of libraries may mean, the first one that exists of each search, and others.
    ///   - needed: the libraries that the installed files need.
    init(_ offer: UpstreamOffer, in trace: BuildTrace, at paths: SeenPaths, existing: Set<String>, needed: Set<String>)
    {
        self.offer = offer
        hasPrograms = trace.run.contains(offer.project)
        libraries = offer.libraries.intersection(needed)
        let folders = offer.folders
        headers = trace.read.filter(isInPrefix)
        for path in trace.read.subtracting(headers) {
            var names = Self.names(of: path).filter(offer.headers.contains)
            if let name = Self.name(of: path, inOneOf: folders) { names.append(name) }
            note(header: path, like: names, trace, paths)
        }
        for library in trace.linked {
            if let path = Self.file(of: library, existing),
                LibraryName.stem(of: path.fileName).map(offer.stems.contains) == true
            {
                note(library: path, trace, paths)
            }
        }
    }

    private mutating func note(header path: String, like names: [String], _ trace: BuildTrace, _ paths: SeenPaths) {
        guard !names.isEmpty, !paths.lies(path, below: paths.attempt.prefix) else { return }
        if isOwn(path, paths) {
            copiedHeaders.insert(path)
        } else if paths.lies(path, below: offer.prefix) {
            headers.insert(path)
        } else if names.contains(where: { isIncluded(path, as: $0, trace) }) {
            let holder = paths.attempt.upstreamPrefix.keys.first { paths.lies(path, belowAny: [$0]) }
            if let holder { borrowed[holder, default: []].insert(path) } else { strays.insert(path) }
        }
    }

    /// Whether compilers find the header at `path` by the name `name`, rather than one of the same last name.
    private func isIncluded(_ path: String, as name: String, _ trace: BuildTrace) -> Bool {
        let folder = String(path.dropLast(name.count + 1))
        let isKnown =
            folder.hasSuffix("/include") || folder.hasSuffix("-linux-gnu") || trace.includeFolders.contains(folder)
        guard name.contains("/") else {
            // Many have a `version.h`: it is taken for the upstream's if nothing else of the upstream was read.
            return isKnown && offer.isNamedAfter(name) || headers.isEmpty
        }
        return isKnown || trace.includeFolders.isEmpty
    }

    /// The names by which the file at `path` may be included, the shortest first; at most sixteen.
    private static func names(of path: String) -> [String] {
        var name = ""
        return path.split(separator: "/").reversed().prefix(16).map { part in
            name = name.isEmpty ? String(part) : "\(part)/\(name)"
            return name
        }
    }

    /// The name of the header at `path` from one of the folders on.
    private static func name(of path: String, inOneOf folders: Set<String>) -> String? {
        let parts = path.split(separator: "/")
        guard let start = parts.dropLast().lastIndex(where: { folders.contains(String($0)) }) else { return nil }
        return parts[start...].joined(separator: "/")
    }

    /// Headers of a copy, without those that only have a common name.
    var copies: Set<String> {
        copiedHeaders.filter { path in
            Self.names(of: path).contains {
                offer.headers.contains($0) && ($0.contains("/") || offer.isNamedAfter($0))
            }
        }
    }

    /// What was taken from `other` in place of what is offered here.
    ///
    /// It was not if more of `other` is used: then it may be meant.
    func borrowed(from other: UpstreamUse) -> Set<String> {
        let taken = borrowed[other.offer.project] ?? []
        let isMeant = !other.libraries.isEmpty || other.hasPrograms || !other.headers.isSubset(of: taken)
        return isMeant ? [] : taken
    }

    private mutating func note(library path: String, _ trace: BuildTrace, _ paths: SeenPaths) {
        if isInPrefix(path) || paths.lies(path, below: offer.prefix) {
            libraries.insert(path.fileName)
        } else if isOwn(path, paths) || paths.lies(path, below: paths.attempt.prefix) {
            copiedLibraries.insert(path)
        } else if !trace.offers.all.contains(where: {
            $0.project != offer.project && $0.files.contains(path.fileName)
        }) {
            strays.insert(path)
        }
    }

    private func isInPrefix(_ path: String) -> Bool { path.hasPrefix("\(offer.prefix)/") }

    private func isOwn(_ path: String, _ paths: SeenPaths) -> Bool {
        paths.lies(path, below: paths.attempt.source) || paths.lies(path, below: paths.attempt.build)
    }

    private static func file(of library: LinkCommand.Library, _ existing: Set<String>) -> String? {
        switch library {
        case .file(let path): path
        case .searched: library.candidates.first(where: existing.contains)
        }
    }
}

extension LinkCommand.Library {
    /// The files that a name may mean, in the linker's order; none for a path.
    var candidates: [String] {
        guard case .searched(let names, let folders) = self else { return [] }
        return (folders + LibraryResolution.defaultFolders).flatMap { folder in names.map { "\(folder)/\($0)" } }
    }
}
