// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import Foundation

/// What is taken out of contents before they are hashed.
package struct ContentEdits {
    private struct Needle {
        let path: [UInt8]
        let word: [UInt8]
    }

    private struct Edit {
        let start: Int
        let end: Int
        let replacement: [UInt8]
    }

    /// Longest first.
    private let needles: [Needle]
    /// The words that stand for paths: where one stands in a file itself, it is no path.
    private let words: [[UInt8]]
    /// What all paths begin with: content without it is hashed in one go.
    private let beginning: [UInt8]

    /// What words begin with.
    private static let mark = UInt8(ascii: "@")

    /// Name size, id size and type of a GNU build-id note, and its name; the 20 bytes of the id follow.
    private static let buildIDNote: [UInt8] = [4, 0, 0, 0, 20, 0, 0, 0, 3, 0, 0, 0, 0x47, 0x4E, 0x55, 0]
    private static let buildIDSize = 20
    /// Where its rarest byte is, the `G`.
    private static let buildIDAnchor = 12

    /// Replaces the paths of `words`, the longest first.
    package init(_ words: [PathWord]) {
        let needles = words.filter { $0.path.hasPrefix("/") }
            .map { Needle(path: Array($0.path.utf8), word: Array($0.word.utf8)) }
            .sorted { $0.path.count > $1.path.count }
        self.needles = needles
        self.words = words.map { Array($0.word.utf8) }.filter { $0.count > 1 && $0.first == Self.mark }
        let first = needles.first?.path ?? []
        let common = first.indices.first { index in
            needles.contains { $0.path.count <= index || $0.path[index] != first[index] }
        }
        beginning = Array(first[..<(common ?? first.count)])
    }

    /// How much is searched and hashed at a time, so that no list of edits is longer than that allows.
    private static let step = 1 << 18

    /// The hash of `content` with its edits made.
    ///
    /// - Parameter progress: called often, with how many bytes are done with; what it throws ends the work.
    func hash(
        _ content: UnsafeRawBufferPointer, progress: (Int) throws -> Void = { _ in }
    ) throws -> String {
        var hasher = FieldHasher()
        var position = 0
        var searched = (paths: 0, buildIDs: 0, words: 0)
        for start in stride(from: 0, to: content.count, by: Self.step) {
            try progress(start)
            let end = min(start + Self.step, content.count)
            let edits =
                paths(in: content, from: &searched.paths, to: end)
                + buildIDs(in: content, from: &searched.buildIDs, to: end)
                + literals(in: content, from: &searched.words, to: end)
            for edit in edits.sorted(by: { $0.start < $1.start }) where edit.start >= position {
                hasher.append(bytes: UnsafeRawBufferPointer(rebasing: content[position..<edit.start]))
                edit.replacement.withUnsafeBytes { hasher.append(bytes: $0) }
                position = edit.end
            }
            guard position < end else { continue }
            hasher.append(bytes: UnsafeRawBufferPointer(rebasing: content[position..<end]))
            position = end
        }
        return hasher.finish()
    }

    /// `text` with its paths replaced.
    package func replacingPaths(in text: String) -> String {
        var text = text
        return text.withUTF8 { bytes in
            let content = UnsafeRawBufferPointer(bytes)
            var result: [UInt8] = []
            var position = 0
            var searched = 0
            for edit in paths(in: content, from: &searched, to: content.count) {
                result += content[position..<edit.start]
                result += edit.replacement
                position = edit.end
            }
            return String(decoding: result + content[position...], as: UTF8.self)
        }
    }

    /// The paths that begin between `position` and `end`; the search for the next ones begins at the new `position`.
    private func paths(in content: UnsafeRawBufferPointer, from position: inout Int, to end: Int) -> [Edit] {
        var edits: [Edit] = []
        while !needles.isEmpty, let start = Self.find(beginning, anchor: 0, in: content, from: position, to: end) {
            if let needle = needles.first(where: { Self.matches($0.path, content, at: start) }) {
                position = start + needle.path.count
                edits.append(Edit(start: start, end: position, replacement: needle.word))
            } else {
                position = start + 1
            }
        }
        position = max(position, end)
        return edits
    }

    private func buildIDs(in content: UnsafeRawBufferPointer, from position: inout Int, to end: Int) -> [Edit] {
        var edits: [Edit] = []
        while let note = Self.find(
            Self.buildIDNote, anchor: Self.buildIDAnchor, in: content, from: position, to: end)
        {
            let start = note + Self.buildIDNote.count
            position = min(start + Self.buildIDSize, content.count)
            edits.append(Edit(start: start, end: position, replacement: Array(repeating: 0, count: position - start)))
        }
        position = max(position, end)
        return edits
    }

    /// The words that stand in the content itself: a `@prefix@` that somebody forgot to replace is another content than the
    /// prefix.
    private func literals(in content: UnsafeRawBufferPointer, from position: inout Int, to end: Int) -> [Edit] {
        var edits: [Edit] = []
        while let start = Self.find([Self.mark], anchor: 0, in: content, from: position, to: end) {
            position = start + 1
            guard let word = words.first(where: { Self.matches($0, content, at: start) }) else { continue }
            position = start + word.count
            edits.append(Edit(start: start, end: position, replacement: [0] + word))
        }
        position = max(position, end)
        return edits
    }

    /// Where `needle` is next, if it begins before `end`.
    ///
    /// `memchr` runs to each byte that may be the one at `anchor`, so that even a debug build looks at few bytes itself
    /// (Swift does not see glibc's `memmem`).
    private static func find(
        _ needle: [UInt8], anchor: Int, in content: UnsafeRawBufferPointer, from position: Int, to end: Int
    ) -> Int? {
        guard let base = content.baseAddress else { return nil }
        let last = min(end + anchor, content.count)
        var next = position + anchor
        while next < last, let found = memchr(base + next, Int32(needle[anchor]), last - next) {
            let start = UnsafeRawPointer(found) - base - anchor
            if matches(needle, content, at: start) { return start }
            next = start + anchor + 1
        }
        return nil
    }

    private static func matches(_ needle: [UInt8], _ content: UnsafeRawBufferPointer, at start: Int) -> Bool {
        guard let base = content.baseAddress, start + needle.count <= content.count else { return false }
        return memcmp(base + start, needle, needle.count) == 0
    }
}
