// SPDX-License-Identifier: Apache-2.0

import CanaryText

/// The part of the log of a stage that is searched: all of it, or the beginning and the end of a very large one.
package struct LogExcerpt: Sendable {
    /// How much is searched from the beginning: 224 MiB.
    package static let headLimit = 224 << 20
    /// How much is searched from the end: 32 MiB.
    package static let tailLimit = 32 << 20
    /// How much of a line is read: 4 KiB.
    static let lineLimit = 4 << 10

    /// The whole log, if it is a text.
    private let text: [UInt8]
    /// The whole log, if it is a file.
    private let file: MappedLog?
    /// The parts that are searched, in order.
    let windows: [Range<Int>]

    /// Wraps the output of a stage.
    package init(_ text: String) {
        self.text = Array(text.utf8)
        file = nil
        windows = [0..<self.text.count]
    }

    /// Maps the log at `path` from byte `start` on; empty when there is no such file.
    ///
    /// The file must not be truncated while this value exists.
    package init(path: String, from start: Int = 0) {
        text = []
        file = MappedLog(path: path)
        let count = file?.bytes.count ?? 0
        let start = min(max(0, start), count)
        let isWhole = count - start <= Self.headLimit + Self.tailLimit
        windows = isWhole ? [start..<count] : [start..<start + Self.headLimit, count - Self.tailLimit..<count]
    }

    /// Calls `body` with all bytes of the log; `windows` are offsets in them.
    func withBytes<Value>(_ body: (UnsafeRawBufferPointer) -> Value) -> Value {
        guard let file else { return text.withUnsafeBytes(body) }
        return withExtendedLifetime(file) { body(file.bytes) }
    }

    /// Says that the bytes in `range` were read and will hardly be needed again: a log takes no memory of its size.
    func release(_ range: Range<Int>) { file?.release(range) }

    /// From the first byte that is searched to the last.
    var whole: Range<Int> { (windows.first?.lowerBound ?? 0)..<(windows.last?.upperBound ?? 0) }
}

/// One line of a log as plain text of limited length, without what a log system put before it, with its position.
struct LogLine: Sendable {
    /// The text.
    let text: String
    /// Its bytes and the newline after them.
    let range: Range<Int>
}

extension LogExcerpt {
    /// The line that starts at `start`.
    func line(at start: Int) -> LogLine {
        withBytes { buffer in
            let end = buffer.offset(of: 0x0A, from: start) ?? buffer.count
            return Self.line(start..<end, in: buffer)
        }
    }

    /// At most `count` lines after `line` and before `end`.
    func lines(after line: LogLine, count: Int, before end: Int? = nil) -> [LogLine] {
        withBytes { buffer in
            let end = min(end ?? whole.upperBound, whole.upperBound)
            var lines: [LogLine] = []
            var start = line.range.upperBound
            while lines.count < count, start < end {
                let next = buffer.offset(of: 0x0A, from: start) ?? buffer.count
                lines.append(Self.line(start..<next, in: buffer))
                start = next + 1
            }
            return lines
        }
    }

    /// At most `count` lines before `position`, which must be the start of a line: the nearest first, none before `floor`.
    func lines(before position: Int, count: Int, notBefore floor: Int = 0) -> [LogLine] {
        withBytes { buffer in
            let floor = max(floor, whole.lowerBound)
            var lines: [LogLine] = []
            var end = min(position, whole.upperBound)
            while lines.count < count, end > floor {
                // Without the newline at the end of the line before, if it has one.
                let last = buffer[end - 1] == 0x0A ? end - 1 : end
                var start = last
                while start > floor, buffer[start - 1] != 0x0A { start -= 1 }
                lines.append(Self.line(start..<last, in: buffer))
                end = start
            }
            return lines
        }
    }

    /// At most `count` last lines of `range` that are not blank, the last one first.
    func lastLines(count: Int, in range: Range<Int>) -> [LogLine] {
        var found: [LogLine] = []
        var position = range.upperBound
        // Blank lines are skipped, but not without limit.
        for _ in 0..<20 where found.count < count && position > range.lowerBound {
            let lines = lines(before: position, count: 50, notBefore: range.lowerBound)
            found += lines.filter { !$0.text.isBlank }
            position = lines.last?.range.lowerBound ?? range.lowerBound
        }
        return Array(found.prefix(count))
    }

    private static func line(_ range: Range<Int>, in buffer: UnsafeRawBufferPointer) -> LogLine {
        let start = buffer[range.prefix(lineLimit)]
        let limited = UnsafeRawBufferPointer(rebasing: start.dropFirst(LineMark.length(in: start)))
        return LogLine(text: text(of: limited), range: range.lowerBound..<min(range.upperBound + 1, buffer.count))
    }

    /// What a terminal would finally show of a line that was overwritten with carriage returns.
    private static func text(of bytes: UnsafeRawBufferPointer) -> String {
        let plain = PlainText.of(bytes)
        return plain.split(separator: "\n").last.map(String.init) ?? ""
    }
}
