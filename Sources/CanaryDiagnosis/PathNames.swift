// SPDX-License-Identifier: Apache-2.0

package import CanaryModel

/// Shortens the paths of one attempt to names that mean the same on every machine and in every attempt.
///
/// Files of the source become relative, others `build:CMakeCache.txt`, `imath:include/Imath/half.h`, and
/// `prefix:lib/libX.so` for the project's own install.
package struct PathNames: Sendable {
    private let names: [(folder: String, name: String)]
    /// What paths begin with that lead out of the build folder into the source beside it.
    private let neighbour: String?

    /// Shortens the paths of an attempt carried out in `places`.
    package init(_ places: AttemptPaths) {
        var folders = [places.home: "home:"]
        for (project, prefix) in places.upstreamPrefix { folders[prefix] = "\(project):" }
        folders[places.temporary] = "tmp:"
        folders[places.prefix] = "prefix:"
        folders[places.build] = "build:"
        folders[places.source] = ""
        // Longest first: a folder inside another one wins.
        names = folders.filter { !$0.key.isEmpty }.map { ($0.key, $0.value) }
            .sorted { ($1.folder.count, $0.folder) < ($0.folder.count, $1.folder) }
        neighbour = places.source.split(separator: "/").last.map { "../\($0)/" }
    }

    /// `text` with all folders of the attempt replaced.
    package func shortened(_ text: String) -> String {
        guard text.contains("/") else { return text }
        return text.split(separator: " ", omittingEmptySubsequences: false).map(shortenedWord).joined(separator: " ")
    }

    /// Whether the file at `path`, as a tool printed it, is of the project, its build or an upstream.
    func isOurs(_ path: String) -> Bool { !shortened(path).hasPrefix("/") }

    private func shortenedWord(_ word: Substring) -> String {
        guard word.contains("/") else { return String(word) }
        let direct = replaced(Self.withoutDetours(word))
        guard !direct.isEmpty else { return "." }
        guard let neighbour, let range = direct.firstRange(of: neighbour) else { return direct }
        // Tools that run in a folder of the build name the source by the way there: `../../source/a.cpp`.
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

    /// Replaces `folder` where it is named itself: at the end of the word, or before what ends a path.
    private static func replacing(_ folder: String, with name: String, in word: String) -> String {
        var result = ""
        var rest = word[...]
        while let range = rest.firstRange(of: folder) {
            let behind = rest[range.upperBound...]
            let isWhole = behind.first.map(endsPaths) ?? true || behind == "."
            result += rest[..<range.lowerBound] + (isWhole ? name : folder)
            rest = behind
        }
        return result + rest
    }

    private static func endsPaths(_ character: Character) -> Bool { "\"'’`:;,)]}>".contains(character) }

    /// `a/c` for `a/b/../c`.
    private static func withoutDetours(_ word: Substring) -> String {
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
