// SPDX-License-Identifier: Apache-2.0

package import CanaryText

/// The `ignore` globs of a project: a change of these paths does not need a build.
///
/// They work as in a `.gitignore` file at the root of a repository (https://git-scm.com/docs/gitignore): a pattern with a
/// slash matches from the root, one without matches at any depth. A pattern that matches a folder applies to everything
/// in it. `!` negates, and the last match wins. `**/` also matches no folder.
package struct IgnoreRules: Hashable, Sendable {
    /// Rules that ignore nothing.
    package static let none = IgnoreRules([])

    private let rules: [IgnoreRule]

    /// Combines `rules`, in order.
    package init(_ rules: [IgnoreRule]) { self.rules = rules }

    /// Reads the rules of `patterns`, in order.
    package init(patterns: [String]) throws(Glob.Problem) {
        var rules: [IgnoreRule] = []
        for pattern in patterns { rules.append(try IgnoreRule(pattern)) }
        self.rules = rules
    }

    /// The patterns as written.
    package var patterns: [String] { rules.map(\.pattern) }

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

/// One pattern of `IgnoreRules`.
package struct IgnoreRule: Hashable, Sendable {
    /// The pattern as written.
    package let pattern: String
    fileprivate let negates: Bool
    private let foldersOnly: Bool
    private let anywhere: Bool
    private let glob: Glob

    /// Reads `pattern`.
    ///
    /// - Throws: `Glob.Problem`, also for what git would take for a blank line or a comment.
    package init(_ pattern: String) throws(Glob.Problem) {
        self.pattern = pattern
        var text = Self.withoutTrailingSpaces(Array(pattern.utf8)[...])
        if text.first == UInt8(ascii: "#") { throw .comment }
        negates = text.first == UInt8(ascii: "!")
        if negates { text = text.dropFirst() }
        foldersOnly = text.last == UInt8(ascii: "/")
        if foldersOnly { text = text.dropLast() }
        anywhere = !text.contains(UInt8(ascii: "/"))
        if text.first == UInt8(ascii: "/") { text = text.dropFirst() }
        for component in text.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        where !text.isEmpty && ["", ".", ".."].contains(String(decoding: component, as: UTF8.self)) {
            throw .impossibleComponent(String(decoding: component, as: UTF8.self))
        }
        glob = try Glob(Array(text))
    }

    fileprivate func matches(_ path: ArraySlice<UInt8>, isFolder: Bool) -> Bool {
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
