// SPDX-License-Identifier: Apache-2.0

import CanaryFiles
import CanaryText

/// Reads the files in which builds record what they did.
struct TraceReader {
    /// Where they lie.
    let root: String
    /// The same folder as the stages saw it.
    let seen: String
    /// What was found by now.
    var trace: BuildTrace

    /// How many caches are read: more than superbuilds have.
    private static let mostCaches = 64
    /// How many files of interest are kept: twice the headers of the largest upstream.
    private static let mostKept = 20_000
    /// How many libraries are kept; each may be searched for in many folders.
    private static let mostLinked = 512
    /// The most that is read of a file, in bytes: ten times what large projects write.
    private static let sizeLimit = 4 << 20
    /// The same of what ninja reads and writes for a whole build.
    private static let ninjaLimit = (file: 32 << 20, record: 64 << 20)
    /// The longest path that is looked at: the system opens no longer one.
    private static let longestPath = 4095

    /// Reads the file `name` in `folder`, a path below the root with a slash before each name.
    ///
    /// - Throws: `ReadingInterrupted` when the task is cancelled.
    mutating func read(_ name: String, in folder: String) throws(ReadingInterrupted) {
        let path = "\(root)\(folder)/\(name)"
        try ReadingInterrupted.check(path)
        switch TraceFiles.Kind(name) {
        case .cache:
            guard trace.caches.count < Self.mostCaches,
                let cache = InspectedFile.contents(of: path, atMost: CMakeCache.sizeLimit)
            else { return }
            trace.caches.append(cache)
        case .ninjaRecord:
            Self.withBytes(of: path, atMost: Self.ninjaLimit.record) { bytes in
                NinjaRecord.paths(in: bytes) { note($0) { [$0 + folder] } }
            }
        case .rule: readRule(path, from: Self.places(of: folder))
        case .object: trace.objects.made += 1
        case .ninjaFile:
            // Those of several configurations lie one folder below.
            let folder = folder.hasSuffix("/CMakeFiles") ? Self.above(folder) : folder
            Self.withBytes(of: path, atMost: Self.ninjaLimit.file) { bytes in
                notePrograms(in: bytes)
                NinjaFile.includes(in: bytes) { noteFolders(in: $0, folder) }
                for link in NinjaFile.links(in: bytes) { note(LinkCommand(link.command), of: link.output, in: folder) }
            }
        case .linkCommand:
            Self.withBytes(of: path) { bytes in
                let command = LinkCommand(bytes)
                // `CMakeFiles/NAME.dir/link.txt` is run two folders above.
                note(command, of: command.output, in: Self.above(Self.above(folder)))
            }
        case .linkResponse:
            Self.withBytes(of: path) { note(LinkCommand($0), of: nil, in: Self.above(Self.above(folder))) }
        case .flags: Self.withBytes(of: path) { bytes in noteFolders(in: bytes[...], "") }
        case .commands: Self.withBytes(of: path) { notePrograms(in: $0) }
        case nil: return
        }
    }

    private mutating func readRule(_ path: String, from folders: [String]) {
        trace.objects.recorded += 1
        Self.withBytes(of: path) { bytes in
            MakeRule.paths(in: bytes) { note($0) { top in folders.map { top + $0 } } }
        }
    }

    private static func withBytes(
        of path: String, atMost limit: Int = sizeLimit, _ body: (UnsafeRawBufferPointer) -> Void
    ) {
        _ = InspectedFile.withMapping(of: path) { body(UnsafeRawBufferPointer(rebasing: $0.prefix(limit))) }
    }

    /// Notes a path that a compiler read; a relative one begins in one of the folders that `places` makes of the top.
    private mutating func note(_ path: UnsafeRawBufferPointer, from places: (String) -> [String]) {
        guard path.count <= Self.longestPath else { return }
        if !trace.hasHeaders { trace.hasHeaders = Self.isForC(path) }
        if path.last == 0x6F, path.dropLast().last == 0x2E { trace.objects.recorded += 1 }
        let isAbsolute = path.first == 0x2F
        if isAbsolute, !trace.hasSystemHeaders { trace.hasSystemHeaders = path.hasPrefix(Self.system) }
        guard trace.read.count < Self.mostKept, trace.offers.mayHold(path) else { return }
        let text = String(decoding: path, as: UTF8.self)
        let found =
            isAbsolute
            ? text : places(seen).lazy.map { "\($0)/\(text)" }.first { InspectedFile.exists(here(SeenPaths.tidy($0))) }
        if let found = found ?? (places(seen).first.map { "\($0)/\(text)" }) {
            trace.read.insert(SeenPaths.tidy(found))
        }
    }

    /// Whether `path` is a header or a source of the languages whose compilers record headers: others leave records too.
    private static func isForC(_ path: UnsafeRawBufferPointer) -> Bool {
        guard let dot = path.lastOffset(of: 0x2E) else { return false }
        let ending = String(decoding: path[(dot + 1)...].prefix(4), as: UTF8.self)
        return ["c", "cc", "cpp", "cxx", "C", "m", "mm", "cu", "h", "hh", "hpp", "hxx"].contains(ending)
    }

    private static let system = Array("/usr/".utf8)

    /// Where a compiler may have run that left its record in `folder`: where CMake's make runs it, there, or above.
    private static func places(of folder: String) -> [String] {
        var places: [String] = []
        var next = folder
        while !next.isEmpty {
            if next.hasSuffix("/CMakeFiles") { places.insert(above(next), at: 0) }
            places.append(next)
            next = above(next)
        }
        return places + [""]
    }

    private mutating func note(_ command: LinkCommand, of output: String?, in folder: String) {
        if let output, !InspectedFile.exists(here(absolute(output, in: folder))) { return }
        trace.hasLibraries = true
        var searched: [[String]: [String]] = [:]
        for library in command.libraries where trace.linked.count < Self.mostLinked && trace.offers.mayOffer(library) {
            switch library {
            case .file(let path): trace.linked.insert(.file(absolute(path, in: folder)))
            case .searched(let names, let folders):
                let places = searched[folders] ?? folders.map { absolute($0, in: folder) }
                searched[folders] = places
                trace.linked.insert(.searched(names, in: places))
            }
        }
    }

    private mutating func noteFolders(in flags: some Sequence<UInt8>, _ folder: String) {
        var isFolder = false
        for word in ShellWords(flags) where trace.includeFolders.count < Self.mostKept {
            let mark = ["-I", "-isystem"].first { word.hasPrefix($0) }
            let path = isFolder ? word : String(word.dropFirst(mark?.count ?? word.count))
            isFolder = mark == word
            if !path.isEmpty { trace.includeFolders.insert(absolute(path, in: folder)) }
        }
    }

    private mutating func notePrograms(in bytes: UnsafeRawBufferPointer) {
        for offer in trace.offers.all where !trace.run.contains(offer.project) && bytes.contains("\(offer.prefix)/bin/")
        {
            trace.run.insert(offer.project)
        }
    }

    private func absolute(_ path: String, in folder: String) -> String {
        SeenPaths.tidy(path.hasPrefix("/") ? path : "\(seen)\(folder)/\(path)")
    }

    private func here(_ path: String) -> String {
        path.hasPrefix(seen + "/") ? root + path.dropFirst(seen.utf8.count) : path
    }

    private static func above(_ folder: String) -> String {
        folder.lastIndex(of: "/").map { String(folder[..<$0]) } ?? ""
    }
}
