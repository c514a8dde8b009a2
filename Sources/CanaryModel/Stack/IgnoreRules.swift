// SPDX-License-Identifier: Apache-2.0

/// The `ignore` globs of a project: paths whose change builds nothing.
///
/// As in the root `.gitignore` of a repository (https://git-scm.com/docs/gitignore): a pattern with a slash matches
/// from the root, one without matches at any depth; a pattern that matches a folder holds for all below it; `!` takes
/// back, the last match wins; `**/` also matches no folder.
package struct IgnoreRules: Hashable, Sendable {
    /// The patterns as written.
    package let patterns: [String]
    private let rules: [Rule]

    /// Makes the rules of `patterns`, in order.
    package init(_ patterns: [String]) {
        self.patterns = patterns
        rules = patterns.map(Rule.init)
    }

    /// Whether the file at `path`, relative to the repository root and without a leading slash, is left out.
    package func ignores(_ path: String) -> Bool {
        guard !rules.isEmpty else { return false }
        let components = path.split(separator: "/").map { Array($0.utf8) }
        var ignored = false
        for rule in rules where ignored == rule.takesBack && rule.covers(components) {
            ignored = !rule.takesBack
        }
        return ignored
    }
}

private struct Rule: Hashable, Sendable {
    let takesBack: Bool
    private let foldersOnly: Bool
    private let components: [[UInt8]]

    init(_ pattern: String) {
        var text = Substring(pattern)
        takesBack = text.hasPrefix("!")
        if takesBack { text = text.dropFirst() }
        foldersOnly = text.hasSuffix("/")
        if foldersOnly { text = text.dropLast() }
        let anchored = text.contains("/")
        var parts = text.split(separator: "/").map { Array($0.utf8) }
        if !anchored { parts.insert(Self.anyFolders, at: 0) }
        components = parts
    }

    private static let anyFolders = Array("**".utf8)

    /// Whether the pattern matches the path or a folder above it.
    func covers(_ path: [[UInt8]]) -> Bool {
        let longest = foldersOnly ? path.count - 1 : path.count
        guard longest > 0 else { return false }
        return (1...longest).contains { Self.matches(components[...], path[..<$0]) }
    }

    private static func matches(_ pattern: ArraySlice<[UInt8]>, _ path: ArraySlice<[UInt8]>) -> Bool {
        guard let first = pattern.first else { return path.isEmpty }
        if first == anyFolders {
            let rest = pattern.dropFirst()
            // A trailing `**` matches everything inside, never the folder itself.
            if rest.isEmpty { return !path.isEmpty }
            return (path.startIndex...path.endIndex).contains { matches(rest, path[$0...]) }
        }
        guard let name = path.first, wildcard(first[...], name[...]) else { return false }
        return matches(pattern.dropFirst(), path.dropFirst())
    }

    /// `*`, `?`, `[a-z]` and `\` inside one path component.
    private static func wildcard(_ pattern: ArraySlice<UInt8>, _ name: ArraySlice<UInt8>) -> Bool {
        guard let head = pattern.first else { return name.isEmpty }
        let rest = pattern.dropFirst()
        switch head {
        case UInt8(ascii: "*"):
            return (name.startIndex...name.endIndex).contains { wildcard(rest, name[$0...]) }
        case UInt8(ascii: "?"):
            return !name.isEmpty && wildcard(rest, name.dropFirst())
        case UInt8(ascii: "["):
            guard let byte = name.first, let (set, end) = characterClass(rest) else { return false }
            return set(byte) && wildcard(pattern[end...], name.dropFirst())
        case UInt8(ascii: "\\"):
            guard let literal = rest.first else { return false }
            return name.first == literal && wildcard(rest.dropFirst(), name.dropFirst())
        default:
            return name.first == head && wildcard(rest, name.dropFirst())
        }
    }

    /// The test of a `[...]` class whose body starts at `text`, and the index behind its `]`.
    private static func characterClass(_ text: ArraySlice<UInt8>) -> ((UInt8) -> Bool, Int)? {
        var body = text
        let negated = body.first == UInt8(ascii: "!") || body.first == UInt8(ascii: "^")
        if negated { body = body.dropFirst() }
        guard let end = body.dropFirst().firstIndex(of: UInt8(ascii: "]")) else { return nil }
        let members = Array(body[..<end])
        let contains: (UInt8) -> Bool = { byte in
            var index = 0
            while index < members.count {
                if index + 2 < members.count, members[index + 1] == UInt8(ascii: "-") {
                    if members[index] <= byte, byte <= members[index + 2] { return true }
                    index += 3
                } else {
                    if members[index] == byte { return true }
                    index += 1
                }
            }
            return false
        }
        return ({ contains($0) != negated }, end + 1)
    }
}
