// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import CanaryText

/// What the tree of a revision names, as `git ls-tree -r -t -l -z` lists it: nothing of it was written.
struct RevisionListing {
    /// How much a checkout of a tree would be.
    struct Size: Hashable {
        /// Files, folders, links and submodules.
        var entries = 0
        /// Bytes of all files.
        var bytes = 0
        /// The parts of the longest path.
        var depth = 0
        /// Submodules.
        var submodules = 0
    }

    /// Folders are listed too, because a tree may have nothing else.
    static let arguments = ["ls-tree", "-r", "-t", "-l", "-z", "--full-tree"]

    private let bytes: [UInt8]

    /// A listing as git printed it.
    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// All files, links and submodules.
    var files: [TreeEntry] { bytes.split(separator: 0).compactMap(TreeEntry.init) }

    /// How much a checkout would be.
    var size: Size {
        bytes.withUnsafeBytes { bytes in
            var size = Size()
            var start = 0
            while let end = bytes.offset(of: 0, from: start) {
                let entry = UnsafeRawBufferPointer(rebasing: bytes[start..<end])
                start = end + 1
                guard let tab = entry.offset(of: UInt8(ascii: "\t")) else { continue }
                size.entries += 1
                if entry.starts(with: "160000".utf8) { size.submodules += 1 }
                size.bytes = Self.sum(size.bytes, Self.number(before: tab, in: entry))
                size.depth = max(size.depth, Self.parts(of: entry, from: tab + 1))
            }
            return size
        }
    }

    /// A pack can claim any size for an object.
    private static func sum(_ total: Int, _ bytes: Int) -> Int {
        let (sum, overflows) = total.addingReportingOverflow(bytes)
        return overflows ? .max : sum
    }

    /// The number that ends before `end`; 0 when there is none, as for folders and submodules.
    private static func number(before end: Int, in entry: UnsafeRawBufferPointer) -> Int {
        var start = end
        while start > 0, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(entry[start - 1]) { start -= 1 }
        return start == end ? 0 : Int(String(decoding: entry[start..<end], as: UTF8.self)) ?? .max
    }

    private static func parts(of entry: UnsafeRawBufferPointer, from start: Int) -> Int {
        var (count, position) = (1, start)
        while let slash = entry.offset(of: UInt8(ascii: "/"), from: position) {
            count += 1
            position = slash + 1
        }
        return count
    }
}

/// One file, link or submodule of a `RevisionListing`.
struct TreeEntry {
    /// Mode, type and object, as git writes them.
    let facts: String
    /// From the root of the tree.
    let path: String

    /// Reads a line of a listing; nil for a folder.
    init?(_ line: ArraySlice<UInt8>) {
        guard let tab = line.firstIndex(of: UInt8(ascii: "\t")) else { return nil }
        let words = line[..<tab].split(separator: UInt8(ascii: " "))
        guard words.count >= 3, !words[1].elementsEqual("tree".utf8) else { return nil }
        facts = words[..<3].map { String(decoding: $0, as: UTF8.self) }.joined(separator: " ")
        path = String(decoding: line[(tab + 1)...], as: UTF8.self)
    }

    /// The name of a revision's tree, or of one folder in it.
    static func tree(of revision: String, _ subfolder: String?) throws(GitFailure) -> String {
        guard let subfolder else { return revision }
        let names = subfolder.split(separator: "/").filter { $0 != "." }
        // Git reads `..` as relative to where it runs.
        guard !names.contains("..") else {
            throw GitFailure(reason: .fetchRevisionMissing, detail: "`\(subfolder)` is outside of the repository")
        }
        return "\(revision):\(names.joined(separator: "/"))"
    }
}
