// SPDX-License-Identifier: Apache-2.0

import CanaryText

/// Words that tools put around names, `no member named '{symbol}' in '{symbol}'`, and what they complain of.
///
/// A name is marked by its kind in braces; `!` behind the kind marks the one that is missing, else the first is.
struct MessagePattern: Sendable {
    let complaint: MessageTerms.Complaint
    /// The words before, between and behind the names; one more than there are names.
    private let words: [[UInt8]]
    private let kinds: [EntityName.Kind]
    private let missing: Int

    /// Nil when `pattern` marks no name, or one of an unknown kind.
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

    /// The names that stand between the words, the missing one first; nil when `text` does not say this.
    func names(in text: MessageText) -> [EntityName]? {
        var start = 0
        // The same words may stand there twice, once with a name that is none.
        while let ranges = ranges(in: text, from: &start) {
            let names = zip(kinds, ranges).compactMap { EntityName($0, spoken: text.text($1)) }
            guard names.count == kinds.count else { continue }
            var ordered = names
            ordered.insert(ordered.remove(at: missing), at: 0)
            return ordered
        }
        return nil
    }

    /// Where the names stand in the next place that has the words; moves `start` behind its beginning.
    private func ranges(in text: MessageText, from start: inout Int) -> [Range<Int>]? {
        var ranges: [Range<Int>] = []
        var position: Int
        var next = 0
        if isAnchoredBehindName {
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
            let behind = words[index + 1]
            let end =
                behind.isEmpty ? text.nameEnd(from: position, kinds[index]) : text.offset(of: behind, from: position)
            guard let end else { return [] }
            ranges.append(position..<end)
            position = end + behind.count
        }
        return ranges
    }

    /// Whether the words before the first name say too little to look for them.
    private var isAnchoredBehindName: Bool { words[0].count < 2 }
}
