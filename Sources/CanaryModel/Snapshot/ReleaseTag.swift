// SPDX-License-Identifier: Apache-2.0

/// A tag read as a version, to find the highest release.
package struct ReleaseTag: Hashable, Sendable, Comparable {
    /// The tag's name.
    package let name: String
    /// Its numbers, most significant first, without trailing zeros.
    package let numbers: [Int]
    /// What follows the numbers.
    package let suffix: String

    private static let preReleaseWords: Set<String> = [
        "a", "alpha", "b", "beta", "dev", "init", "nightly", "pre", "preview", "rc", "snapshot", "test", "wip",
    ]

    /// Reads the first sequence of dotted numbers in `name`; nil when there is none, or when a word next to it marks a
    /// pre-release (`rc`, `beta`, `dev` and the like).
    package init?(_ name: String) {
        guard let start = name.firstIndex(where: { $0.isASCII && $0.isNumber }) else { return nil }
        var numbers: [Int] = []
        var rest = name[start...]
        while let (number, after) = Self.leadingNumber(of: rest) {
            numbers.append(number)
            rest = after
            guard let separator = rest.first, separator == "." || separator == "_",
                Self.leadingNumber(of: rest.dropFirst()) != nil
            else { break }
            rest = rest.dropFirst()
        }
        guard !numbers.isEmpty else { return nil }
        // One letter before the numbers is a prefix such as `v` or `b`; after them it is short for alpha or beta.
        let words = Self.words(of: name[..<start]).filter { $0.count > 1 } + Self.words(of: rest)
        guard Self.preReleaseWords.isDisjoint(with: words) else { return nil }
        while numbers.last == 0, numbers.count > 1 { numbers.removeLast() }
        self.name = name
        self.numbers = numbers
        suffix = String(rest)
    }

    private static func words(of text: Substring) -> [String] {
        text.lowercased().split(whereSeparator: { !$0.isLetter }).map(String.init)
    }

    private static func leadingNumber(of text: Substring) -> (Int, Substring)? {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        return Int(digits).map { ($0, text.dropFirst(digits.count)) }
    }

    package static func < (left: ReleaseTag, right: ReleaseTag) -> Bool {
        if left.numbers != right.numbers { return left.numbers.lexicographicallyPrecedes(right.numbers) }
        return (left.suffix, left.name) < (right.suffix, right.name)
    }

    /// The highest release among `tags`; nil when none of them is a release.
    package static func highest(among tags: some Sequence<String>) -> ReleaseTag? {
        tags.compactMap { ReleaseTag($0) }.max()
    }
}
