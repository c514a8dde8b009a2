// SPDX-License-Identifier: Apache-2.0

package import CanaryModel
import CanaryText
import Foundation

/// A path that differs from attempt to attempt, and the word that stands for it in a hash.
package struct PathWord: Hashable, Sendable {
    /// The path, absolute.
    package let path: String
    /// The word.
    package let word: String
}

extension AttemptPaths {
    /// What replaces the paths of this one attempt in installed files.
    package var words: [PathWord] {
        upstreamPrefix.map { PathWord(path: $1, word: "@upstream:\($0)@") } + [
            PathWord(path: prefix, word: "@prefix@"),
            PathWord(path: source, word: "@source@"),
            PathWord(path: build, word: "@build@"),
            PathWord(path: home, word: "@home@"),
            PathWord(path: temporary, word: "@tmp@"),
        ]
    }
}

/// What an installed tree is.
package struct HashedTree: Hashable, Sendable {
    /// 64 hexadecimal digits.
    package let hash: String
    /// Everything but folders.
    package let files: Int
    /// The bytes in regular files.
    package let bytes: Int
    /// All regular files and links, in the order of their paths.
    package let contents: [Content]

    /// A file or link of the tree.
    package struct Content: Hashable, Sendable {
        /// Where it lies, from the root of the tree.
        package let path: String
        /// The hash of its content or target, 64 hexadecimal digits.
        package let digest: String
        /// Whether it is a file and no link.
        package let isRegular: Bool
    }
}

/// The hash that decides whether two installed trees are the same: path, mode, link target, content.
///
/// Two things that change with the folders of an attempt are taken out: the paths given as words, and the build ids of
/// ELF files, which the linker computes over contents that hold those paths.
package struct TreeHash {
    private typealias Path = TreeListing.Path

    /// The most that all files may hold together, holes included.
    ///
    /// It is a hundred times what OpenUSD installs, and already minutes of hashing. A hole costs a build nothing, so the
    /// disk does not bound it.
    private static let mostBytes = 64 << 30
    /// How much of a file stays in memory while it is hashed.
    private static let mappedBytes = 8 << 20

    /// Hashes all below `folder`, wherever it lies, with `words` replaced in contents and link targets, longest first.
    ///
    /// - Throws: `FolderFailure` when something cannot be read, `InstalledTreeProblem` when there is too much of it,
    ///   `ReadingInterrupted` when the task is cancelled.
    package static func hash(of folder: String, replacing words: [PathWord]) throws -> HashedTree {
        var tree = TreeHash(root: folder, edits: ContentEdits(words))
        var names = try TreeListing.entries(below: folder).map(\.path)
        names.sort { precedes($0, $1) }
        for name in names { try tree.add(name) }
        return HashedTree(
            hash: tree.hasher.finish(), files: tree.files, bytes: tree.bytes, contents: tree.contents)
    }

    private let root: String
    private let edits: ContentEdits
    private var hasher = FieldHasher()
    private var files = 0
    private var bytes = 0
    private var contents: [HashedTree.Content] = []

    private init(root: String, edits: ContentEdits) {
        self.root = root
        self.edits = edits
        hasher.add("canary tree 1")
    }

    private static func precedes(_ left: Path, _ right: Path) -> Bool { strcmp(left, right) < 0 }

    private func failure(_ path: Path, _ code: Int32) -> FolderFailure { TreeListing.failure(path, in: root, code) }

    private mutating func add(_ path: Path) throws {
        let location = TreeListing.full(path, in: root)
        try ReadingInterrupted.check(TreeListing.name(of: path, in: root))
        var state = stat()
        guard lstat(location, &state) == 0 else { throw failure(path, errno) }
        path.dropLast().withUnsafeBytes { hasher.add(bytes: $0) }
        hasher.add(String(state.st_mode, radix: 8))
        let type = state.st_mode & S_IFMT
        if type != S_IFDIR { files += 1 }
        guard type == S_IFREG || type == S_IFLNK else { return }
        let isRegular = type == S_IFREG
        if isRegular { try count(Int(state.st_size), of: path) }
        let digest =
            isRegular ? try content(of: location, size: Int(state.st_size), path) : try target(of: location, path)
        hasher.add(digest)
        contents.append(
            HashedTree.Content(path: TreeListing.text(path), digest: digest, isRegular: isRegular))
    }

    private mutating func count(_ size: Int, of path: Path) throws {
        let sum = bytes.addingReportingOverflow(size)
        guard !sum.overflow, sum.partialValue <= Self.mostBytes else {
            throw InstalledTreeProblem(
                description: "more than \(Self.mostBytes.sizeText) are installed, holes included: "
                    + "`\(TreeListing.name(of: path, in: root))` alone has \(size.sizeText)")
        }
        bytes = sum.partialValue
    }

    private func content(of location: Path, size: Int, _ path: Path) throws -> String {
        guard size > 0 else { return try edits.hash(UnsafeRawBufferPointer(start: nil, count: 0)) }
        let file = open(location, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
        guard file >= 0 else { throw failure(path, errno) }
        defer { close(file) }
        // An installed tree is no longer written to, so the mapping cannot shrink.
        guard let start = mmap(nil, size, PROT_READ, MAP_PRIVATE, file, 0), start != MAP_FAILED else {
            throw failure(path, errno)
        }
        defer { munmap(start, size) }
        var released = 0
        return try edits.hash(UnsafeRawBufferPointer(start: start, count: size)) { hashed in
            try ReadingInterrupted.check(TreeListing.name(of: path, in: root))
            guard hashed - released >= Self.mappedBytes else { return }
            madvise(start + released, Self.mappedBytes, MADV_DONTNEED)
            released += Self.mappedBytes
        }
    }

    private func target(of location: Path, _ path: Path) throws -> String {
        var target = [CChar](repeating: 0, count: Int(PATH_MAX))
        let length = readlink(location, &target, target.count)
        guard length >= 0 else { throw failure(path, errno) }
        return try target.withUnsafeBytes { try edits.hash(UnsafeRawBufferPointer(rebasing: $0[..<length])) }
    }
}
