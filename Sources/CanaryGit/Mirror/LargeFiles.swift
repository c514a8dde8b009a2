// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The files of a checkout whose content Git LFS keeps outside of the repository: what is checked out is a pointer to it.
struct LargeFiles {
    /// The folder of the checkout.
    let folder: String
    /// What is in it.
    let index: CheckoutIndex
    /// Whether `folder` is a part of a repository, whose attributes can stand outside of it.
    let isPart: Bool

    private static let attributes = ".gitattributes"
    private static let beginnings = ["git-lfs", "hawser"].map { "version https://\($0).github.com/spec/" }
    /// The longest pointer that its specification allows.
    private static let longest = 1024
    private static let attributesRead = 1 << 20

    /// The first of them, of those that `counts` accepts; nil if there is none.
    func first(where counts: (String) -> Bool) -> String? {
        let folders: Set<Substring> =
            isPart ? [""] : Set(index.entries.filter(asksForIt).map { $0.path.dropLast(Self.attributes.count) })
        guard !folders.isEmpty else { return nil }
        return index.entries.first { entry in
            entry.isFile && entry.size <= Self.longest && Self.isBelow(folders, entry.path) && isPointer(entry.path)
                && counts(entry.path)
        }?.path
    }

    /// Whether `path` lies in one of `folders`, which end with a slash; a tree can have any number of them.
    private static func isBelow(_ folders: Set<Substring>, _ path: String) -> Bool {
        var above = path[...]
        while let slash = above.lastIndex(of: "/") {
            above = path[...slash]
            if folders.contains(above) { return true }
            above = path[..<slash]
        }
        return folders.contains("")
    }

    private func asksForIt(_ entry: CheckoutIndex.Entry) -> Bool {
        guard entry.isFile, entry.path == Self.attributes || entry.path.hasSuffix("/" + Self.attributes) else {
            return false
        }
        return content(entry.path, atMost: Self.attributesRead).range(of: Data("filter=lfs".utf8)) != nil
    }

    private func isPointer(_ path: String) -> Bool {
        let content = content(path, atMost: Self.longest + 1)
        return content.count <= Self.longest && Self.beginnings.contains { content.starts(with: $0.utf8) }
            && content.range(of: Data("\noid sha256:".utf8)) != nil
    }

    /// The first bytes of a file; none when it cannot be read.
    private func content(_ path: String, atMost most: Int) -> Data {
        let file = open("\(folder)/\(path)", O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard file >= 0 else { return Data() }
        let handle = FileHandle(fileDescriptor: file, closeOnDealloc: true)
        return (try? handle.read(upToCount: most)) ?? Data()
    }
}
