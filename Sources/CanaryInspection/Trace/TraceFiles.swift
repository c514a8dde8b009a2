// SPDX-License-Identifier: Apache-2.0

import CanaryFiles
import Glibc

/// The files in which builds record what they did.
enum TraceFiles {
    /// What such a file holds.
    enum Kind {
        case cache, ninjaRecord, rule, ninjaFile, linkCommand, linkResponse, flags, commands, object

        init?(_ name: String) {
            switch name {
            case "CMakeCache.txt": self = .cache
            case ".ninja_deps": self = .ninjaRecord
            case "link.txt": self = .linkCommand
            case "flags.make": self = .flags
            case "build.make", "CTestTestfile.cmake": self = .commands
            case _ where name.hasSuffix(".rsp") && name.hasPrefix("link"): self = .linkResponse
            case _ where name.hasSuffix(".o"): self = .object
            case _ where name.hasSuffix(".ninja"): self = .ninjaFile
            case _ where name.hasSuffix(".d"): self = .rule
            default: return nil
            }
        }
    }

    /// Folders of git, and of the experiments by which CMake learns about the compiler.
    private static let skipped: Set<String> = [".git", "CMakeScratch", "CMakeTmp"]
    /// How many files and folders are looked at: four times what a build of OpenUSD leaves.
    private static let mostEntries = 400_000
    /// How deep: a build in a build in a build.
    private static let deepest = 24

    /// The files below `root`, those of outer folders first: their folder, from `root` and with a slash before each name,
    /// and their name.
    ///
    /// Links are not followed. Caches below `CMakeFiles` are no builds' either.
    static func find(in root: String) throws(ReadingInterrupted) -> [(folder: String, name: String)] {
        var found: [(folder: String, name: String)] = []
        var level = [""]
        var left = mostEntries
        for _ in 0..<deepest where !level.isEmpty {
            var next: [String] = []
            for folder in level {
                let entries = try entries(of: root + folder, atMost: left)
                left -= entries.count
                next += entries.filter { $0.isFolder && !skipped.contains($0.name) }.map { "\(folder)/\($0.name)" }
                found += entries.filter { !$0.isFolder && isRecord($0.name, in: folder) }.map { (folder, $0.name) }
            }
            level = next.sorted()
        }
        return found
    }

    private static func entries(
        of folder: String, atMost limit: Int
    ) throws(ReadingInterrupted) -> [(name: String, isFolder: Bool)] {
        try ReadingInterrupted.check(folder)
        let file = open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard file >= 0, let entries = Folder.entries(of: file, atMost: limit) else { return [] }
        return entries.compactMap { entry in entry.text.map { ($0, entry.isFolder) } }
    }

    private static func isRecord(_ name: String, in folder: String) -> Bool {
        guard let kind = Kind(name) else { return false }
        return kind != .cache || !"\(folder)/".contains("/CMakeFiles/")
    }
}
