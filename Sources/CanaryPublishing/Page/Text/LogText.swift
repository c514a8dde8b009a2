// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import Foundation

/// A log as HTML: numbered lines, a mark before each stage, the first error marked; of a long log the beginning, what
/// stands around the first error, and the end.
struct LogText {
    private static let (head, around, tail) = (300, 400, 1500)
    /// A longer line is cut: no compiler's message is.
    private static let longestLine = 8000

    /// The inside of a `pre`.
    let html: String
    /// How many lines the log has.
    let lines: Int
    /// The number of the line that shows the first error.
    let errorLine: Int?
    /// The stages whose beginning is shown.
    let stages: Set<Stage>

    init(_ log: Data, marks: [LogFacts.Mark], firstError: String?) {
        let written = log.withUnsafeBytes { bytes in
            Self.write(bytes, marks: marks.sorted { $0.offset < $1.offset }, firstError: firstError)
        }
        self = written
    }

    private init(html: String, lines: Int, errorLine: Int?, stages: Set<Stage>) {
        self.html = html
        self.lines = lines
        self.errorLine = errorLine
        self.stages = stages
    }

    private static func write(
        _ bytes: UnsafeRawBufferPointer, marks: [LogFacts.Mark], firstError: String?
    ) -> LogText {
        let starts = lineStarts(bytes)
        let errorLine = firstError.flatMap { line(of: $0, in: bytes, starts) }
        let shown = Self.shown(starts.count, around: errorLine)
        var html = ""
        var ansi = AnsiText()
        var stages: Set<Stage> = []
        var rest = marks[...]
        var next = 0
        for index in shown {
            if index > next { html += "<i class=\"gap\">\(Spoken.count(index - next, "line")) left out\n</i>" }
            next = index + 1
            let end = index + 1 < starts.count ? starts[index + 1] - 1 : trimmedEnd(bytes)
            // A stage begins in its line, or in one that is left out before it.
            while let mark = rest.first, mark.offset <= starts[index] || mark.offset < end {
                html += "<b class=\"stage\" id=\"stage-\(mark.stage.rawValue)\">\(mark.stage.rawValue)\n</b>"
                stages.insert(mark.stage)
                rest = rest.dropFirst()
            }
            let number = index + 1
            let cut = min(end, starts[index] + longestLine)
            html += "<span id=\"L\(number)\" data-n=\"\(number)\"\(number == errorLine ? " class=\"first\"" : "")>"
            html += ansi.html(of: bytes[starts[index]..<cut])
            html += cut < end ? " … \(Spoken.bytes(end - cut)) more\n</span>" : "\n</span>"
        }
        for mark in rest {
            html += "<b class=\"stage\" id=\"stage-\(mark.stage.rawValue)\">\(mark.stage.rawValue)\n</b>"
            stages.insert(mark.stage)
        }
        return LogText(html: html, lines: starts.count, errorLine: errorLine, stages: stages)
    }

    private static func lineStarts(_ bytes: UnsafeRawBufferPointer) -> [Int] {
        guard let base = bytes.baseAddress, !bytes.isEmpty else { return [] }
        var starts = [0]
        var position = 0
        while position < bytes.count, let found = memchr(base + position, 0x0A, bytes.count - position) {
            position = UnsafeRawPointer(found) - base + 1
            if position < bytes.count { starts.append(position) }
        }
        return starts
    }

    private static func trimmedEnd(_ bytes: UnsafeRawBufferPointer) -> Int {
        bytes.last == 0x0A ? bytes.count - 1 : bytes.count
    }

    /// The number, from 1, of the first line that holds `text`; escapes inside it are looked through in logs that are
    /// not huge.
    private static func line(of text: String, in bytes: UnsafeRawBufferPointer, _ starts: [Int]) -> Int? {
        let wanted = Array(text.utf8)
        if let offset = offset(of: wanted, in: bytes) { return starts.partitioningIndex { $0 > offset } }
        guard bytes.count <= 8 << 20, bytes.contains(0x1B) else { return nil }
        let found = starts.indices.first { index in
            let end = index + 1 < starts.count ? starts[index + 1] - 1 : trimmedEnd(bytes)
            let line = bytes[starts[index]..<end]
            guard line.count > wanted.count, line.contains(0x1B) else { return false }
            return AnsiText.plain(line).withUnsafeBytes { offset(of: wanted, in: $0) } != nil
        }
        return found.map { $0 + 1 }
    }

    /// Where `wanted` first begins in `bytes`.
    private static func offset(of wanted: [UInt8], in bytes: UnsafeRawBufferPointer) -> Int? {
        guard let base = bytes.baseAddress, let first = wanted.first else { return nil }
        var position = 0
        while position + wanted.count <= bytes.count,
            let found = memchr(base + position, Int32(first), bytes.count - wanted.count - position + 1)
        {
            if memcmp(found, wanted, wanted.count) == 0 { return UnsafeRawPointer(found) - base }
            position = UnsafeRawPointer(found) - base + 1
        }
        return nil
    }

    private static func shown(_ count: Int, around error: Int?) -> [Int] {
        guard count > head + tail + 2 * around else { return Array(0..<count) }
        var shown = Set(0..<head).union(count - tail..<count)
        if let error { shown.formUnion(max(0, error - around)..<min(count, error + around)) }
        return shown.sorted()
    }
}

extension [Int] {
    /// The first index whose element satisfies `condition`, in an array sorted by it; else the end.
    fileprivate func partitioningIndex(where condition: (Int) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if condition(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
