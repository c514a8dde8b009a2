// SPDX-License-Identifier: Apache-2.0

package import CanaryModel
import Glibc

/// What is looked at of a stage's log: its beginning and its end.
package struct LogExcerpt: Sendable {
    /// The most that is looked at from the beginning: 8 MiB.
    package static let headLimit = 8 << 20
    /// The most that is looked at from the end: 1 MiB.
    package static let tailLimit = 1 << 20
    /// The most that is looked at of a line: 4 KiB.
    static let lineLimit = 4 << 10

    let bytes: [UInt8]

    /// Wraps what a stage printed.
    package init(_ text: String) { bytes = Array(text.utf8) }

    /// Reads the log at `path` from byte `start` on; empty when there is none.
    package init(path: String, from start: Int = 0) {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else {
            bytes = []
            return
        }
        defer { close(file) }
        let size = Int(lseek(file, 0, SEEK_END))
        let start = min(max(0, start), size)
        if size - start <= Self.headLimit + Self.tailLimit {
            bytes = Self.read(file, start..<size)
        } else {
            let head = Self.read(file, start..<start + Self.headLimit)
            bytes = head + [0x0A] + Self.read(file, size - Self.tailLimit..<size)
        }
    }

    /// Reads what the last stage of `end` printed from the log at `path`, which was kept under `limit`.
    package init(ofLastStageIn end: AttemptEnd, path: String, limit: ByteSize) {
        let kept = KeptLog(totalBytes: end.logBytes, limit: limit)
        self.init(path: path, from: kept.offset(ofRaw: end.stages.last?.logOffset ?? 0))
    }

    private static func read(_ file: Int32, _ range: Range<Int>) -> [UInt8] {
        Array(unsafeUninitializedCapacity: range.count) { buffer, count in
            while count < range.count {
                let rest = buffer.baseAddress?.advanced(by: count)
                let more = pread(file, rest, range.count - count, off_t(range.lowerBound + count))
                guard more > 0 else { break }
                count += more
            }
        }
    }
}

/// One line of a log, as plain text of bounded length, and where it lies.
struct LogLine {
    /// The text.
    let text: String
    /// Its bytes and the newline behind them.
    let range: Range<Int>
}

extension LogExcerpt {
    /// The first line that holds `needle` and of which `read` makes something; looks at each line once.
    func first<Found>(holding needle: StaticString, _ read: (LogLine) -> Found?) -> (found: Found, position: Int)? {
        bytes.withUnsafeBytes { (buffer) -> (found: Found, position: Int)? in
            var position = 0
            while let offset = buffer.offset(of: needle, from: position) {
                let line = Self.line(around: offset, in: buffer, notBefore: position)
                if line.text.contains(needle.description), let found = read(line) {
                    return (found, line.range.lowerBound)
                }
                position = line.range.upperBound
            }
            return nil
        }
    }

    /// At most `count` lines that follow `line`.
    func lines(after line: LogLine, count: Int) -> [String] {
        bytes.withUnsafeBytes { buffer in
            var texts: [String] = []
            var position = line.range.upperBound
            while texts.count < count, position < buffer.count {
                let next = Self.line(around: position, in: buffer, notBefore: position)
                texts.append(next.text)
                position = next.range.upperBound
            }
            return texts
        }
    }

    /// At most `count` last lines that are not empty, the last one first.
    func lastLines(count: Int) -> [String] {
        bytes.withUnsafeBytes { buffer in
            var texts: [String] = []
            var end = buffer.count
            // Empty lines are looked at too, but not for ever.
            for _ in 0..<(count + 1000) where end > 0 && texts.count < count {
                let line = Self.line(around: end - 1, in: buffer, notBefore: 0)
                if !line.text.allSatisfy(\.isWhitespace) { texts.append(line.text) }
                end = line.range.lowerBound
            }
            return texts
        }
    }

    private static func line(
        around offset: Int, in buffer: UnsafeRawBufferPointer, notBefore floor: Int
    ) -> LogLine {
        var start = offset
        while start > floor, buffer[start - 1] != 0x0A { start -= 1 }
        let end = buffer.offset(of: 0x0A, from: offset) ?? buffer.count
        let kept = UnsafeRawBufferPointer(rebasing: buffer[start..<min(end, start + lineLimit)])
        return LogLine(text: text(of: kept), range: start..<min(end + 1, buffer.count))
    }

    /// What a terminal would show last of a line that was printed over and over.
    private static func text(of bytes: UnsafeRawBufferPointer) -> String {
        let plain = PlainText.of(bytes)
        return plain.split(separator: "\n").last.map(String.init) ?? ""
    }
}
