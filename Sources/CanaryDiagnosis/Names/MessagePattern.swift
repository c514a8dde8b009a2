// SPDX-License-Identifier: Apache-2.0

/// A known wording of an error message, `no member named '{symbol}' in '{symbol}'`, and the problem that it means.
///
/// A name is written as its kind in braces. `!` after the kind marks the missing name; otherwise it is the first.
struct MessagePattern: Sendable {
    let complaint: MessageTerms.Complaint
    /// The text before, between and after the names; one more element than there are names.
    private let words: [[UInt8]]
    private let kinds: [EntityName.Kind]
    private let missing: Int

    /// Nil when `pattern` has no name, or a name of an unknown kind.
    init?(_ complaint: MessageTerms.Complaint, _ pattern: String) {
        var words: [[UInt8]] = []
        var kinds: [EntityName.Kind] = []
        var missing = 0
        for (index, piece) in pattern.split(separator: "{", omittingEmptySubsequences: false).enumerated() {
            let parts = piece.split(separator: "}", omittingEmptySubsequences: false)
            if index == 0 { words.append(Array(piece.utf8)) }
            guard index > 0, let name = parts.first else { continue }
            if name.hasSuffix("!") { missing = index - 1 }
            let word = name.filter { $0 != "!" }
            guard parts.count == 2, let kind = EntityName.Kind(rawValue: word) else { return nil }
            kinds.append(kind)
            words.append(Array(parts[1].utf8))
        }
        guard !kinds.isEmpty, words.contains(where: { $0.count > 1 }) else { return nil }
        self.complaint = complaint
        self.words = words
        self.kinds = kinds
        self.missing = missing
    }

    /// The names in `text`, the missing one first; nil when `text` does not match.
    func names(in text: MessageText) -> [EntityName]? {
        var start = 0
        // The words may occur twice, the first time around something that is not a name.
        while let ranges = ranges(in: text, from: &start) {
            let names = zip(kinds, ranges).compactMap { EntityName($0, printed: text.text($1)) }
            guard names.count == kinds.count else { continue }
            var ordered = names
            ordered.insert(ordered.remove(at: missing), at: 0)
            return ordered
        }
        return nil
    }

    /// The ranges of the names at the next match, empty when it is incomplete; moves `start` past the start of the match.
    private func ranges(in text: MessageText, from start: inout Int) -> [Range<Int>]? {
        var ranges: [Range<Int>] = []
        var position: Int
        var next = 0
        if startsWithName {
            guard let found = text.offset(of: words[1], from: start) else { return nil }
            start = found + 1
            ranges.append(text.nameStart(before: found, isQuoted: !words[0].isEmpty)..<found)
            position = found + words[1].count
            next = 1
        } else {
            guard let found = text.offset(of: words[0], from: start) else { return nil }
            start = found + 1
            position = found + words[0].count
        }
        for index in next..<kinds.count {
            let after = words[index + 1]
            let end =
                after.isEmpty ? text.nameEnd(from: position, kinds[index]) : text.offset(of: after, from: position)
            guard let end else { return [] }
            ranges.append(position..<end)
            position = end + after.count
        }
        return ranges
    }

    /// Whether the text before the first name is too short to search for.
    private var startsWithName: Bool { words[0].count < 2 }
}
