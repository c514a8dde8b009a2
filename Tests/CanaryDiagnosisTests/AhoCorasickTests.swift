// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import CanaryDiagnosis

@Suite("AhoCorasick")
struct AhoCorasickTests {
    private func lines(_ words: [String], _ text: String) -> [[Int]] {
        Array(text.utf8).withUnsafeBytes { AhoCorasick(words).lines(in: $0, [0..<$0.count]) }
    }

    /// The same, slowly: each line is looked at for each word.
    private func slowly(_ words: [String], _ text: String) -> [[Int]] {
        var start = 0
        var found = words.map { _ in [Int]() }
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            for (index, word) in words.enumerated() where line.contains(word) { found[index].append(start) }
            start += line.utf8.count + 1
        }
        return found
    }

    @Test func `words inside other words are all found`() {
        let words = ["he", "she", "his", "hers", "s"]
        #expect(lines(words, "ushers\nhis\n\nhe") == [[0, 12], [0], [7], [0], [0, 7]])
    }

    @Test(arguments: 0..<200) func `it finds the same as a simple search`(_ seed: UInt64) {
        var random = SplitMix(state: seed)
        let letters = Array("ab: ")
        func text(_ count: Int) -> String {
            String((0..<count).map { _ in letters.randomElement(using: &random) ?? "a" })
        }
        let words = Array(
            Set((0..<Int.random(in: 1...6, using: &random)).map { _ in text(.random(in: 1...4, using: &random)) }))
        let log = (0..<Int.random(in: 0...9, using: &random)).map { _ in text(.random(in: 0...30, using: &random)) }
            .joined(separator: "\n")
        #expect(lines(words, log) == slowly(words, log))
    }

    @Test func `a word does not continue on the next line`() {
        #expect(lines(["ab"], "a\nb\nab") == [[4]])
    }

    @Test func `of too many lines the first and the last are kept, in order`() {
        let count = AhoCorasick.limit * 3 + 7
        let found = lines(["x"], String(repeating: "x\n", count: count))[0]
        #expect(found.count == AhoCorasick.limit * 2)
        #expect(found == found.sorted())
        #expect(found.first == 0)
        #expect(found.last == (count - 1) * 2)
    }

    @Test func `a word that lies in two of the parts that are read at a time is found in its line`() {
        // A multiple of any share.
        let share = 4 << 20
        var log = [UInt8](repeating: UInt8(ascii: "x"), count: 9 << 20)
        log[share - 10] = 0x0A
        log.replaceSubrange(share - 3..<share + 3, with: Array("needle".utf8))
        var parts: [Range<Int>] = []
        let found = log.withUnsafeBytes { bytes in
            AhoCorasick(["needle"]).lines(in: bytes, [0..<bytes.count], done: { parts.append($0) })
        }
        #expect(found == [[share - 9]])
        #expect(parts.first?.lowerBound == 0 && parts.last?.upperBound == log.count && parts.count > 1)
        #expect(zip(parts, parts.dropFirst()).allSatisfy { $0.upperBound == $1.lowerBound }, "each part once")
    }

    @Test func `only the given ranges are searched`() {
        let found = Array("ab\nab\nab\n".utf8).withUnsafeBytes { AhoCorasick(["ab"]).lines(in: $0, [0..<3, 6..<9]) }
        #expect(found == [[0, 6]])
    }
}

/// Small, and the same on every machine.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
