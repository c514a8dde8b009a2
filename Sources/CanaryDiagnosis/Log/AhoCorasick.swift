// SPDX-License-Identifier: Apache-2.0

/// Finds any number of words in one pass over bytes, with the Aho-Corasick automaton.
struct AhoCorasick: Sendable {
    /// How many lines are recorded for a word: so many from the beginning, and as many from the end.
    static let limit = 10_000

    /// The class of each byte; bytes that occur in no word share class 0.
    private let classes: [UInt8]
    /// How many classes there are.
    private let width: Int
    /// The next state by state and class; states are multiples of `width`.
    private let next: [Int32]
    /// In this state and all later ones, words end.
    private let firstEnd: Int32
    /// The words that end in each of these states.
    private let ends: [[Int]]
    private let wordCount: Int

    /// Builds the automaton for `words`; none of them is empty or contains a newline.
    init(_ words: [String]) {
        var classes = [UInt8](repeating: 0, count: 256)
        for (index, byte) in Set(words.flatMap(\.utf8)).sorted().enumerated() {
            classes[Int(byte)] = UInt8(index + 1)
        }
        let width = Int(classes.max() ?? 0) + 1
        var trie = Trie(width: width)
        for (index, word) in words.enumerated() { trie.add(word.utf8.map { Int(classes[Int($0)]) }, as: index) }
        trie.link()
        // States that end words come last, so that one comparison recognises them.
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

    /// How much is read between two calls of `done`, and between two checks for a cancellation: 1 MiB.
    private static let share = 1 << 20

    /// Where in a range the search is.
    private struct Progress {
        var state: Int32 = 0
        /// The start of the line.
        var line: Int
    }

    /// For each word, the starts of the lines in `ranges` that contain it, in order; of too many, the first and the last.
    ///
    /// When the task is cancelled, what was found by then.
    ///
    /// - Parameter done: called with each part of a range that was read.
    func lines(
        in bytes: UnsafeRawBufferPointer, _ ranges: [Range<Int>], done: (Range<Int>) -> Void = { _ in }
    ) -> [[Int]] {
        var found = [Occurrences](repeating: Occurrences(), count: wordCount)
        // Through pointers: bounds and uniqueness checks at each byte would take most of the time.
        classes.withUnsafeBufferPointer { classes in
            next.withUnsafeBufferPointer { next in
                for range in ranges {
                    var progress = Progress(line: range.lowerBound)
                    for start in stride(from: range.lowerBound, to: range.upperBound, by: Self.share)
                    where !Task.isCancelled {
                        let part = start..<min(start + Self.share, range.upperBound)
                        scan(bytes, part, (classes, next), &progress, &found)
                        done(part)
                    }
                }
            }
        }
        return found.map(\.lines)
    }

    private func scan(
        _ bytes: UnsafeRawBufferPointer, _ range: Range<Int>,
        _ tables: (classes: UnsafeBufferPointer<UInt8>, next: UnsafeBufferPointer<Int32>),
        _ progress: inout Progress, _ found: inout [Occurrences]
    ) {
        let (classes, next) = tables
        var (state, line) = (progress.state, progress.line)
        for index in range {
            let byte = bytes[index]
            state = next[Int(state) &+ Int(classes[Int(byte)])]
            if byte == 0x0A { line = index &+ 1 }
            guard state >= firstEnd else { continue }
            for word in ends[Int(state - firstEnd) / width] { found[word].add(line) }
        }
        progress = Progress(state: state, line: line)
    }
}

/// The first and the last lines in which a word occurs.
private struct Occurrences {
    private var first: [Int] = []
    /// A ring buffer.
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

/// The trie of the words, with links to the states where the search continues after a mismatch.
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

    /// Replaces missing transitions by those of the longest suffix that is a prefix of a word.
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
