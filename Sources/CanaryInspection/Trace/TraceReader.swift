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
    /// How many files and libraries of interest are kept: ten times the headers of the largest upstream.
    private static let mostKept = 100_000
    /// The most that is read of a file, in bytes: the record of a build of ten thousand files has a tenth of it.
    private static let sizeLimit = 512 << 20

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
        case .ninjaRecord: Self.withBytes(of: path) { bytes in NinjaRecord.paths(in: bytes) { note($0, in: folder) } }
        // Compilers run where make does, which is the top of the build.
        case .rule: Self.withBytes(of: path) { bytes in MakeRule.paths(in: bytes) { note($0, in: "") } }
        case .ninjaFile:
            Self.withBytes(of: path) { bytes in
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
        case .flags: Self.withBytes(of: path) { bytes in noteFolders(in: bytes[...], "") }
        case .commands: Self.withBytes(of: path) { notePrograms(in: $0) }
        case nil: return
        }
    }

    private static func withBytes(of path: String, _ body: (UnsafeRawBufferPointer) -> Void) {
        _ = InspectedFile.withMapping(of: path) { body(UnsafeRawBufferPointer(rebasing: $0.prefix(sizeLimit))) }
    }

    private mutating func note(_ path: UnsafeRawBufferPointer, in folder: String) {
        trace.hasHeaders = true
        guard trace.read.count < Self.mostKept, trace.offers.mayHold(path) else { return }
        trace.read.insert(absolute(String(decoding: path, as: UTF8.self), in: folder))
    }

    private mutating func note(_ command: LinkCommand, of output: String?, in folder: String) {
        if let output, !InspectedFile.exists(here(absolute(output, in: folder))) { return }
        trace.hasLibraries = true
        for library in command.libraries where trace.linked.count < Self.mostKept && trace.offers.mayOffer(library) {
            switch library {
            case .file(let path): trace.linked.insert(.file(absolute(path, in: folder)))
            case .searched(let names, let folders):
                trace.linked.insert(.searched(names, in: folders.map { absolute($0, in: folder) }))
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
