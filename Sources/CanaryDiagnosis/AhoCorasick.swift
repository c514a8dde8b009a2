// SPDX-License-Identifier: Apache-2.0

/// Finds many words in one pass over bytes, whatever their number: the automaton of Aho and Corasick.
struct AhoCorasick: Sendable {
    /// Of how many lines a word is remembered: so many at the beginning, and as many at the end.
    static let limit = 10_000

    /// Bytes that stand in no word share class 0.
    private let classes: [UInt8]
    /// How many classes there are.
    private let width: Int
    /// What follows a state, which is a multiple of `width`, and a class.
    private let next: [Int32]
    /// States from this one on end words.
    private let firstEnd: Int32
    /// The words that end in each of those states.
    private let ends: [[Int]]
    private let wordCount: Int

    /// Prepares to find `words`, none of which is empty or holds a newline.
    init(_ words: [String]) {
        var classes = [UInt8](repeating: 0, count: 256)
        for (index, byte) in Set(words.flatMap(\.utf8)).sorted().enumerated() {
            classes[Int(byte)] = UInt8(index + 1)
        }
        let width = Int(classes.max() ?? 0) + 1
        var trie = Trie(width: width)
        for (index, word) in words.enumerated() { trie.add(word.utf8.map { Int(classes[Int($0)]) }, as: index) }
        trie.link()
        // States that end words come last: one comparison tells them from the others.
        let order =
            trie.ends.indices.filter { trie.ends[$0].isEmpty } + trie.ends.indices.filter { !trie.ends[$0].isEmpty }
        var position = order
        for (new, old) in order.enumerated() { position[old] = new }
        self.classes = classes
        self.width = width
        next = order.flatMap { old in trie.next[old].map { Int32(position[$0] * width) } }
        ends = order.map { trie.ends[$0] }.filter { !$0.isEmpty }
        firstEnd = Int32((order.count - ends.count) * width)
        wordCount = words.count
    }

    /// For each word where the lines of `ranges` begin that hold it, in order; of too many only the first and the last.
    func lines(in bytes: UnsafeRawBufferPointer, _ ranges: [Range<Int>]) -> [[Int]] {
        var found = [Occurrences](repeating: Occurrences(), count: wordCount)
        // Through pointers: checks of bounds and uniqueness at each byte would take most of the time.
        classes.withUnsafeBufferPointer { classes in
            next.withUnsafeBufferPointer { next in
                for range in ranges {
                    var state: Int32 = 0
                    var line = range.lowerBound
                    for index in range {
                        let byte = bytes[index]
                        state = next[Int(state) &+ Int(classes[Int(byte)])]
                        if byte == 0x0A { line = index &+ 1 }
                        guard state >= firstEnd else { continue }
                        for word in ends[Int(state - firstEnd) / width] { found[word].add(line) }
                    }
                }
            }
        }
        return found.map(\.lines)
    }
}

/// The first and the last lines of many.
private struct Occurrences {
    private var first: [Int] = []
    /// Goes round when it is full.
    private var last: [Int] = []
    private var count = 0
    private var newest = -1

    mutating func add(_ line: Int) {
        guard line != newest else { return }
        newest = line
        if first.count < AhoCorasick.limit {
            first.append(line)
        } else if last.count < AhoCorasick.limit {
            last.append(line)
        } else {
            last[count % AhoCorasick.limit] = line
        }
        count += 1
    }

    var lines: [Int] {
        let start = last.count < AhoCorasick.limit ? 0 : count % AhoCorasick.limit
        return first + last[start...] + last[..<start]
    }
}

/// The words as a tree of their letters, whose leaves then lead back to where the search goes on.
private struct Trie {
    private(set) var next: [[Int]]
    private(set) var ends: [[Int]] = [[]]
    private let width: Int

    init(width: Int) {
        self.width = width
        next = [Array(repeating: -1, count: width)]
    }

    mutating func add(_ letters: [Int], as word: Int) {
        var state = 0
        for letter in letters {
            if next[state][letter] < 0 {
                next[state][letter] = next.count
                next.append(Array(repeating: -1, count: width))
                ends.append([])
            }
            state = next[state][letter]
        }
        ends[state].append(word)
    }

    /// Fills what is missing with what the longest ending that begins a word would do.
    mutating func link() {
        var back = [Int](repeating: 0, count: next.count)
        var queue: [Int] = []
        for letter in 0..<width {
            if next[0][letter] < 0 { next[0][letter] = 0 } else { queue.append(next[0][letter]) }
        }
        var index = 0
        while index < queue.count {
            let state = queue[index]
            index += 1
            ends[state] += ends[back[state]]
            for letter in 0..<width {
                let child = next[state][letter]
                let fallback = next[back[state]][letter]
                if child < 0 {
                    next[state][letter] = fallback
                } else {
                    back[child] = fallback
                    queue.append(child)
                }
            }
        }
    }
}
