// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import Foundation

/// What is taken out of contents before they are hashed.
struct ContentEdits {
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
    /// What all paths begin with: content without it is hashed in one go.
    private let beginning: [UInt8]

    /// Name size, id size and type of a GNU build-id note, and its name; the 20 bytes of the id follow.
    private static let buildIDNote: [UInt8] = [4, 0, 0, 0, 20, 0, 0, 0, 3, 0, 0, 0, 0x47, 0x4E, 0x55, 0]
    private static let buildIDSize = 20
    /// Where its rarest byte is, the `G`.
    private static let buildIDAnchor = 12

    init(_ words: [PathWord]) {
        let needles = words.filter { $0.path.hasPrefix("/") }
            .map { Needle(path: Array($0.path.utf8), word: Array($0.word.utf8)) }
            .sorted { $0.path.count > $1.path.count }
        self.needles = needles
        let first = needles.first?.path ?? []
        let common = first.indices.first { index in
            needles.contains { $0.path.count <= index || $0.path[index] != first[index] }
        }
        beginning = Array(first[..<(common ?? first.count)])
    }

    /// The hash of `content` with its edits made.
    func hash(_ content: UnsafeRawBufferPointer) -> String {
        var hasher = FieldHasher()
        var position = 0
        for edit in (paths(in: content) + buildIDs(in: content)).sorted(by: { $0.start < $1.start })
        where edit.start >= position {
            hasher.append(bytes: UnsafeRawBufferPointer(rebasing: content[position..<edit.start]))
            edit.replacement.withUnsafeBytes { hasher.append(bytes: $0) }
            position = edit.end
        }
        hasher.append(bytes: UnsafeRawBufferPointer(rebasing: content[position...]))
        return hasher.finish()
    }

    private func paths(in content: UnsafeRawBufferPointer) -> [Edit] {
        var edits: [Edit] = []
        var position = 0
        while !needles.isEmpty, let start = Self.find(beginning, anchor: 0, in: content, from: position) {
            if let needle = needles.first(where: { Self.matches($0.path, content, at: start) }) {
                position = start + needle.path.count
                edits.append(Edit(start: start, end: position, replacement: needle.word))
            } else {
                position = start + 1
            }
        }
        return edits
    }

    private func buildIDs(in content: UnsafeRawBufferPointer) -> [Edit] {
        var edits: [Edit] = []
        var position = 0
        while let note = Self.find(Self.buildIDNote, anchor: Self.buildIDAnchor, in: content, from: position) {
            let start = note + Self.buildIDNote.count
            position = min(start + Self.buildIDSize, content.count)
            edits.append(Edit(start: start, end: position, replacement: Array(repeating: 0, count: position - start)))
        }
        return edits
    }

    /// Where `needle` is next.
    ///
    /// `memchr` runs to each byte that may be the one at `anchor`, so that even a debug build looks at few bytes itself
    /// (Swift does not see glibc's `memmem`).
    private static func find(
        _ needle: [UInt8], anchor: Int, in content: UnsafeRawBufferPointer, from position: Int
    ) -> Int? {
        guard let base = content.baseAddress else { return nil }
        var next = position + anchor
        while next < content.count,
            let found = memchr(base + next, Int32(needle[anchor]), content.count - next)
        {
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
