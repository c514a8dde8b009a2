// SPDX-License-Identifier: Apache-2.0

import CanaryText
import Glibc

/// The bytes of a log, which are read in parts: a log may be larger than what a page may cost.
package struct LogBytes: Sendable {
    /// The size of the log when it was opened.
    package let count: Int
    /// Reads a range; gives less where the log has become shorter.
    let read: @Sendable (Range<Int>) -> [UInt8]

    /// Creates the bytes that `read` reads.
    package init(count: Int, read: @escaping @Sendable (Range<Int>) -> [UInt8]) {
        self.count = count
        self.read = read
    }
}

/// Which lines of a log a page shows: the beginning, the lines around the first error, the end.
///
/// The whole log is passed through once, to count its lines and to find the error, in parts between which other tasks run.
struct LogIndex {
    /// A line to show.
    struct Line: Sendable {
        /// Its number, from 1.
        let number: Int
        /// Its first bytes, without its end.
        let text: ArraySlice<UInt8>
        /// How many bytes it has more; nil if its end was not looked for.
        let rest: Int?
        /// Where the next line begins, or where this one was left.
        let end: Int
    }

    /// How many lines and bytes one part of the page shows.
    private struct Limit {
        let lines: Int
        let bytes: Int
    }

    private static let whole = Limit(lines: 2600, bytes: 1 << 20)
    private static let head = Limit(lines: 300, bytes: 128 << 10)
    private static let around = Limit(lines: 400, bytes: 128 << 10)
    private static let tail = Limit(lines: 1500, bytes: 512 << 10)
    /// Longer lines are cut; no compiler's message is that long.
    private static let longestLine = 8000
    /// How much is read at a time: a few milliseconds of work, even unoptimised.
    private static let piece = 64 << 10
    /// Escapes inside the error's line are looked through in logs up to this size.
    private static let escapedLimit = 8 << 20

    /// The lines to show, in order.
    let shown: [Line]
    /// The number of lines of the log.
    let lines: Int
    /// The number of the line that shows the first error.
    let errorLine: Int?

    /// A line's number and where it begins.
    private struct Start {
        var number = 1
        var offset = 0
    }

    /// Reads `log`.
    static func of(_ log: LogBytes, firstError: String?) async -> LogIndex {
        var (position, error, hasEscape) = (Start(), Start?.none, false)
        var offset = 0
        let wanted = Array((firstError ?? "").utf8)
        while let piece = nextPiece(of: log, from: offset, overlap: wanted.count) {
            if error == nil { error = piece.start(of: wanted, after: position) }
            hasEscape = hasEscape || piece.hasEscape
            position = piece.next(after: position)
            offset += piece.bytes.count
            await Task.yield()
        }
        if error == nil, hasEscape, !wanted.isEmpty, log.count <= escapedLimit {
            error = await escapedStart(of: wanted, in: log)
        }
        // Nothing after the last line end is no line.
        let lines = position.offset < log.count ? position.number : position.number - 1
        return LogIndex(log, lines: lines, lastLine: position, error: error)
    }

    /// The line whose text without escapes contains `wanted`.
    private static func escapedStart(of wanted: [UInt8], in log: LogBytes) async -> Start? {
        var (position, offset) = (Start(), 0)
        while let piece = nextPiece(of: log, from: offset, overlap: wanted.count, wholeLines: true) {
            if let found = piece.escapedStart(of: wanted, after: position) { return found }
            position = piece.next(after: position)
            offset += piece.bytes.count
            await Task.yield()
        }
        return nil
    }

    /// The next bytes from `offset` on; with `wholeLines` up to a line end, unless a line is longer.
    private static func nextPiece(
        of log: LogBytes, from offset: Int, overlap: Int, wholeLines: Bool = false
    ) -> Piece? {
        guard offset < log.count else { return nil }
        // With what an error may need that begins in this piece.
        let bytes = log.read(offset..<min(log.count, offset + piece + overlap))
        guard !bytes.isEmpty else { return nil }
        guard offset + bytes.count < log.count, bytes.count > 1 else {
            return Piece(offset: offset, bytes: bytes[...], lookahead: bytes)
        }
        var end = min(piece, bytes.count - 1)
        if wholeLines, let newline = bytes[..<end].lastIndex(of: 0x0A) { end = newline + 1 }
        if end > 1, bytes[end - 1] == 0x0D, bytes[end] == 0x0A { end -= 1 }
        return Piece(offset: offset, bytes: bytes[..<end], lookahead: bytes)
    }

    private init(_ log: LogBytes, lines: Int, lastLine: Start, error: Start?) {
        self.lines = lines
        errorLine = error?.number
        let isShort = lines <= Self.whole.lines && log.count <= Self.whole.bytes
        var found = Self.lines(of: log, from: Start(), isShort ? Self.whole : Self.head)
        if !isShort {
            if let error {
                let before = Self.start(before: error, in: log, Self.around)
                found += Self.lines(of: log, from: before, Self.around, until: error.offset)
                found += Self.lines(of: log, from: error, Self.around)
            }
            let tail = Self.start(before: Start(number: lines + 1, offset: log.count), in: log, Self.tail)
            // The last line may be longer than all that is shown of the end.
            found += Self.lines(of: log, from: tail.offset < log.count ? tail : lastLine, Self.tail)
        }
        var numbers: Set<Int> = []
        shown = found.filter { numbers.insert($0.number).inserted }.sorted { $0.number < $1.number }
    }

    /// The lines from `start` on, within `limit`, that begin before `end`.
    private static func lines(
        of log: LogBytes, from start: Start, _ limit: Limit, until end: Int = .max
    ) -> [Line] {
        let window = log.read(start.offset..<max(start.offset, min(log.count, start.offset + limit.bytes)))
        let isLast = start.offset + window.count >= log.count
        var (lines, position) = ([Line](), 0)
        while position < window.count, lines.count < limit.lines, start.offset + position < end {
            let found = LineEnd.first(in: window, from: position)
            let text = position..<(found?.lowerBound ?? window.count)
            let cut = min(text.upperBound, text.lowerBound + longestLine)
            // The window ends in a line of which more would be shown.
            if found == nil, !isLast, text.count < longestLine { break }
            let next = found?.upperBound ?? window.count
            lines.append(
                Line(
                    number: start.number + lines.count, text: window[text.lowerBound..<cut],
                    rest: found != nil || isLast ? text.upperBound - cut : nil, end: start.offset + next))
            position = next
        }
        return lines
    }

    /// The start of a line before `line`, as far back as `limit` allows; `line` if the line before it is longer.
    private static func start(before line: Start, in log: LogBytes, _ limit: Limit) -> Start {
        let window = log.read(max(0, line.offset - limit.bytes)..<line.offset)
        let base = line.offset - window.count
        var (found, position) = (line, window.count)
        while position > 0, line.number - found.number < limit.lines {
            let previous = LineEnd.startOfLine(before: position, in: window)
            // Whether a line begins where the window begins is known only of the first one.
            if previous == 0, base > 0 { break }
            found = Start(number: found.number - 1, offset: base + previous)
            position = previous
        }
        return found
    }

    /// Whole lines of a log, or a part of one.
    private struct Piece {
        let offset: Int
        let bytes: ArraySlice<UInt8>
        /// The same bytes and some that follow them.
        let lookahead: [UInt8]

        var hasEscape: Bool { bytes.withUnsafeBytes { $0.offset(of: 0x1B) != nil } }

        /// The first line after the last line end of the piece, if the one at its beginning is `start`.
        func next(after start: Start) -> Start {
            let (count, end) = bytes.withUnsafeBytes { LineEnd.count(in: $0) }
            return count == 0 ? start : Start(number: start.number + count, offset: offset + end)
        }

        /// The line in which `wanted` first begins.
        func start(of wanted: [UInt8], after start: Start) -> Start? {
            guard let found = Self.offset(of: wanted, in: lookahead), found < bytes.count else { return nil }
            return Piece(offset: offset, bytes: bytes[..<found], lookahead: []).next(after: start)
        }

        /// The first line with an escape whose text contains `wanted`.
        func escapedStart(of wanted: [UInt8], after start: Start) -> Start? {
            var (line, position) = (start, 0)
            while position < bytes.count {
                let found = LineEnd.first(in: lookahead, from: position)
                let end = min(found?.lowerBound ?? bytes.count, bytes.count)
                let text = bytes[position..<end]
                if text.count > wanted.count, text.contains(0x1B),
                    Self.offset(of: wanted, in: Array(PlainText.of(text).utf8)) != nil
                {
                    return line
                }
                position = max(found?.upperBound ?? bytes.count, position + 1)
                line = Start(number: line.number + 1, offset: offset + position)
            }
            return nil
        }

        /// Where `wanted` first begins in `text`, in a time linear in both, whatever they contain.
        private static func offset(of wanted: [UInt8], in text: [UInt8]) -> Int? {
            guard !wanted.isEmpty, !wanted.contains(0) else { return nil }
            return (text + [0]).withUnsafeBytes { text in
                (wanted + [0]).withUnsafeBytes { wanted in
                    let words = wanted.assumingMemoryBound(to: CChar.self)
                    guard let base = text.assumingMemoryBound(to: CChar.self).baseAddress, let word = words.baseAddress
                    else { return nil }
                    // Each part up to a zero is a string.
                    var part = base
                    while part - base < text.count {
                        if let found = strstr(part, word) { return UnsafePointer(found) - base }
                        part += strlen(part) + 1
                    }
                    return nil
                }
            }
        }
    }
}

/// The ends of lines: a newline, with a carriage return before it or without, and a lone carriage return.
enum LineEnd {
    /// The first line end in `bytes` at or after `start`.
    static func first(in bytes: [UInt8], from start: Int) -> Range<Int>? {
        bytes.withUnsafeBytes { buffer in
            // Blocks that grow: in a log of carriage returns alone, each search for a newline would reach its end.
            var block = start..<min(start + 1024, buffer.count)
            while !block.isEmpty {
                let rest = UnsafeRawBufferPointer(rebasing: buffer[..<block.upperBound])
                let newline = rest.offset(of: 0x0A, from: block.lowerBound)
                let line = UnsafeRawBufferPointer(rebasing: rest[..<(newline ?? rest.count)])
                if let cut = line.offset(of: 0x0D, from: block.lowerBound) {
                    return cut..<(cut + 1 < buffer.count && buffer[cut + 1] == 0x0A ? cut + 2 : cut + 1)
                }
                if let newline { return newline..<newline + 1 }
                block = block.upperBound..<min(block.upperBound + 2 * block.count, buffer.count)
            }
            return nil
        }
    }

    /// Where the line begins that ends right before `end`, its line end included.
    static func startOfLine(before end: Int, in bytes: [UInt8]) -> Int {
        var start = end - 1
        if start > 0, bytes[start] == 0x0A, bytes[start - 1] == 0x0D { start -= 1 }
        while start > 0, bytes[start - 1] != 0x0A, bytes[start - 1] != 0x0D { start -= 1 }
        return start
    }

    /// The number of line ends, and where the last one ends; 0 if there is none.
    ///
    /// Eight bytes at a time: one by one, an unoptimised build would need seconds for a large log.
    static func count(in bytes: UnsafeRawBufferPointer) -> (count: Int, end: Int) {
        guard let base = bytes.baseAddress else { return (0, 0) }
        var (count, end, index, carry) = (0, 0, 0, UInt64(0))
        while index + 8 <= bytes.count {
            let word = (base + index).loadUnaligned(as: UInt64.self).littleEndian
            let newlines = zeroBytes(word ^ 0x0A0A_0A0A_0A0A_0A0A)
            let returns = zeroBytes(word ^ 0x0D0D_0D0D_0D0D_0D0D)
            let ends = newlines | returns
            if ends != 0 {
                let pairs = (returns << 8 | carry) & newlines
                count += ends.nonzeroBitCount - pairs.nonzeroBitCount
                end = index + 8 - ends.leadingZeroBitCount / 8
            }
            // A carriage return in the last byte, seen from the next word.
            carry = returns >> 56
            index += 8
        }
        var isAfterReturn = carry != 0
        while index < bytes.count {
            let byte = bytes[index]
            if byte == 0x0D || byte == 0x0A && !isAfterReturn { count += 1 }
            if byte == 0x0D || byte == 0x0A { end = index + 1 }
            isAfterReturn = byte == 0x0D
            index += 1
        }
        return (count, end)
    }

    /// The highest bit of each byte of `word` that is zero.
    private static func zeroBytes(_ word: UInt64) -> UInt64 {
        let low: UInt64 = 0x7F7F_7F7F_7F7F_7F7F
        return ~(((word & low) &+ low) | word | low)
    }
}
