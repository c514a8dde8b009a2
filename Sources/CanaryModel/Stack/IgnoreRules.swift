// SPDX-License-Identifier: Apache-2.0

import CanaryText

/// The `ignore` globs of a project: a change of these paths does not need a build.
///
/// They work as in a `.gitignore` file at the root of a repository (https://git-scm.com/docs/gitignore): a pattern with a
/// slash matches from the root, one without matches at any depth. A pattern that matches a folder applies to everything
/// in it. `!` negates, and the last match wins. `**/` also matches no folder.
package struct IgnoreRules: Hashable, Sendable {
    /// The patterns as written.
    package let patterns: [String]
    private let rules: [Rule]

    /// Makes the rules of `patterns`, in order.
    package init(_ patterns: [String]) {
        self.patterns = patterns
        rules = patterns.compactMap(Rule.init)
    }

    /// Whether the file at `path`, relative to the repository root and without a leading slash, is ignored.
    package func ignores(_ path: String) -> Bool {
        guard !rules.isEmpty else { return false }
        let path = Array(path.utf8)
        // As in git, what lies in an ignored folder cannot be included again.
        for end in path.indices where path[end] == UInt8(ascii: "/") && ignores(path[..<end], isFolder: true) {
            return true
        }
        return ignores(path[...], isFolder: false)
    }

    private func ignores(_ path: ArraySlice<UInt8>, isFolder: Bool) -> Bool {
        rules.last { $0.matches(path, isFolder: isFolder) }.map { !$0.negates } ?? false
    }
}

private struct Rule: Hashable, Sendable {
    let negates: Bool
    private let foldersOnly: Bool
    private let anywhere: Bool
    private let glob: Glob

    /// Nil for a line that matches nothing: blank, a comment, or a malformed glob.
    init?(_ pattern: String) {
        var text = Self.withoutTrailingSpaces(Array(pattern.utf8)[...])
        guard let first = text.first, first != UInt8(ascii: "#") else { return nil }
        negates = first == UInt8(ascii: "!")
        if negates { text = text.dropFirst() }
        foldersOnly = text.last == UInt8(ascii: "/")
        if foldersOnly { text = text.dropLast() }
        anywhere = !text.contains(UInt8(ascii: "/"))
        if text.first == UInt8(ascii: "/") { text = text.dropFirst() }
        guard !text.isEmpty, let glob = Glob(Array(text)) else { return nil }
        self.glob = glob
    }

    func matches(_ path: ArraySlice<UInt8>, isFolder: Bool) -> Bool {
        guard isFolder || !foldersOnly else { return false }
        guard anywhere, let slash = path.lastIndex(of: UInt8(ascii: "/")) else { return glob.matches(path) }
        return glob.matches(path[(slash + 1)...])
    }

    /// Trailing spaces do not count unless a `\` precedes them.
    private static func withoutTrailingSpaces(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var end = text.startIndex
        var index = text.startIndex
        while index < text.endIndex {
            let isEscape = text[index] == UInt8(ascii: "\\")
            let isSpace = text[index] == UInt8(ascii: " ")
            index = min(index + (isEscape ? 2 : 1), text.endIndex)
            if !isSpace { end = index }
        }
        return text[..<end]
    }
}
