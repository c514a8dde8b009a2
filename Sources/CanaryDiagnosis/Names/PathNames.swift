// SPDX-License-Identifier: Apache-2.0

package import CanaryModel

/// Shortens the paths of one attempt to names that are the same on every machine and in every attempt.
///
/// Files of the source become relative paths. Others become `build:CMakeCache.txt`, `imath:include/Imath/half.h`, or
/// `prefix:lib/libX.so` for the installed files of the project itself.
package struct PathNames: Sendable {
    private let names: [(folder: String, name: String)]
    /// The prefix of relative paths from the build folder to the source folder next to it.
    private let neighbour: String?

    /// Shortens paths below the folders of `paths`.
    package init(_ paths: AttemptPaths) {
        var folders = [paths.home: "home:"]
        for (project, prefix) in paths.upstreamPrefix { folders[prefix] = "\(project):" }
        folders[paths.temporary] = "tmp:"
        folders[paths.prefix] = "prefix:"
        folders[paths.build] = "build:"
        folders[paths.source] = ""
        // Longest first, so that a folder inside another one is replaced first.
        names = folders.filter { !$0.key.isEmpty }.map { ($0.key, $0.value) }
            .sorted { ($1.folder.count, $0.folder) < ($0.folder.count, $1.folder) }
        neighbour = paths.source.split(separator: "/").last.map { "../\($0)/" }
    }

    /// `text` with all folders of the attempt replaced by names.
    package func shortened(_ text: String) -> String {
        guard text.contains("/") else { return text }
        return text.split(separator: " ", omittingEmptySubsequences: false).map(shortenedWord).joined(separator: " ")
    }

    /// Whether the file at `path`, as a tool printed it, belongs to the project, its build or an upstream.
    func isOurs(_ path: String) -> Bool { !shortened(path).hasPrefix("/") }

    private func shortenedWord(_ word: Substring) -> String {
        guard word.contains("/") else { return String(word) }
        let direct = replaced(Self.normalised(word))
        guard !direct.isEmpty else { return "." }
        guard let neighbour, let range = direct.firstRange(of: neighbour) else { return direct }
        // Tools that run in a subfolder of the build print relative paths: `../../source/a.cpp`.
        var start = range.lowerBound
        while direct[..<start].hasSuffix("../") { start = direct.index(start, offsetBy: -3) }
        guard start == direct.startIndex || !direct[direct.index(before: start)].isLetter else { return direct }
        return String(direct[..<start] + direct[range.upperBound...])
    }

    private func replaced(_ word: String) -> String {
        names.reduce(word) { word, entry in
            guard word.contains(entry.folder) else { return word }
            let inside = word.replacing(entry.folder + "/", with: entry.name)
            guard inside.hasSuffix(entry.folder) || inside.contains(where: Self.endsPaths) else { return inside }
            return Self.replacing(entry.folder, with: entry.name.isEmpty ? "." : entry.name, in: inside)
        }
    }

    /// Replaces `folder` where it is a whole path: at the end of the word, or before a character that ends paths.
    private static func replacing(_ folder: String, with name: String, in word: String) -> String {
        var result = ""
        var rest = word[...]
        while let range = rest.firstRange(of: folder) {
            let after = rest[range.upperBound...]
            let isWhole = after.first.map(endsPaths) ?? true || after == "."
            result += rest[..<range.lowerBound] + (isWhole ? name : folder)
            rest = after
        }
        return result + rest
    }

    private static func endsPaths(_ character: Character) -> Bool { "\"'’`:;,)]}>".contains(character) }

    /// `a/c` for `a/b/../c`.
    private static func normalised(_ word: Substring) -> String {
        guard word.contains("/../") else { return String(word) }
        var parts: [Substring] = []
        for part in word.split(separator: "/", omittingEmptySubsequences: false) {
            if part == "..", let last = parts.last, last != "..", last != ".", !last.isEmpty {
                parts.removeLast()
            } else {
                parts.append(part)
            }
        }
        return parts.joined(separator: "/")
    }
}
