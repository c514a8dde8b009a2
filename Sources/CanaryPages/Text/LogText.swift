// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import CanaryText
import Foundation

/// A log as HTML: numbered lines, a heading before each stage, the first error highlighted.
///
/// Of a long log it has only the beginning, the lines around the first error, and the end.
struct LogText {
    private static let (first, around, last) = (300, 400, 1500)
    /// Longer lines are cut; no compiler's message is that long.
    private static let longestLine = 8000

    /// The inside of a `pre`.
    let html: String
    /// The number of lines of the log.
    let lines: Int
    /// The number of the line that shows the first error.
    let errorLine: Int?
    /// The stages with a heading.
    let stages: Set<Stage>

    init(_ log: Data, stageStarts: [LogFacts.StageStart], firstError: String?) {
        self = log.withUnsafeBytes { bytes in
            Self.write(bytes, stageStarts: stageStarts.sorted { $0.offset < $1.offset }, firstError: firstError)
        }
    }

    private init(html: String, lines: Int, errorLine: Int?, stages: Set<Stage>) {
        self.html = html
        self.lines = lines
        self.errorLine = errorLine
        self.stages = stages
    }

    private static func write(
        _ bytes: UnsafeRawBufferPointer, stageStarts: [LogFacts.StageStart], firstError: String?
    ) -> LogText {
        let lines = lines(bytes)
        let errorLine = firstError.flatMap { line(of: $0, in: bytes, lines) }
        var html = ""
        var ansi = AnsiText()
        var stages: Set<Stage> = []
        var rest = stageStarts[...]
        var next = 0
        func addHeadings(before end: Int) {
            while let start = rest.first, start.offset < end {
                html += "<b class=\"stage\" id=\"stage-\(start.stage.rawValue)\">\(start.stage.rawValue)\n</b>"
                stages.insert(start.stage)
                rest = rest.dropFirst()
            }
        }
        for index in shown(lines.count, around: errorLine) {
            if index > next { html += "<i class=\"gap\">\((index - next).counting("line")) left out\n</i>" }
            next = index + 1
            // A stage begins in this line, or in one that was left out before it.
            addHeadings(before: index + 1 < lines.count ? lines[index + 1].lowerBound : bytes.count)
            let (line, number) = (lines[index], index + 1)
            let cut = min(line.upperBound, line.lowerBound + longestLine)
            html += "<span id=\"L\(number)\" data-n=\"\(number)\"\(number == errorLine ? " class=\"first\"" : "")>"
            html += ansi.html(of: bytes[line.lowerBound..<cut])
            html += cut < line.upperBound ? " … \((line.upperBound - cut).sizeText) more\n</span>" : "\n</span>"
        }
        addHeadings(before: .max)
        return LogText(html: html, lines: lines.count, errorLine: errorLine, stages: stages)
    }

    /// The lines without their ends; a lone carriage return ends one too, as in the log's text.
    private static func lines(_ bytes: UnsafeRawBufferPointer) -> [Range<Int>] {
        guard let base = bytes.baseAddress else { return [] }
        var lines: [Range<Int>] = []
        var start = 0
        while start < bytes.count {
            let newline = memchr(base + start, 0x0A, bytes.count - start).map { UnsafeRawPointer($0) - base }
            let end = newline ?? bytes.count
            while let found = memchr(base + start, 0x0D, end - start) {
                let cut = UnsafeRawPointer(found) - base
                if cut + 1 == end, newline != nil { break }
                lines.append(start..<cut)
                start = cut + 1
            }
            if start < end || newline != nil {
                let isReturn = end > start && bytes[end - 1] == 0x0D
                lines.append(start..<(isReturn ? end - 1 : end))
            }
            start = end + 1
        }
        return lines
    }

    /// The number, from 1, of the first line that holds `text`; escapes inside it are looked through in logs that are
    /// not huge.
    private static func line(
        of text: String, in bytes: UnsafeRawBufferPointer, _ lines: [Range<Int>]
    ) -> Int? {
        let wanted = Array(text.utf8)
        if let offset = offset(of: wanted, in: bytes) { return lines.partitioningIndex { $0.lowerBound > offset } }
        guard bytes.count <= 8 << 20, bytes.contains(0x1B) else { return nil }
        let found = lines.firstIndex { line in
            guard line.count > wanted.count, bytes[line].contains(0x1B) else { return false }
            return Array(PlainText.of(bytes[line]).utf8).withUnsafeBytes { offset(of: wanted, in: $0) } != nil
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
        guard count > first + last + 2 * around else { return Array(0..<count) }
        var shown = Set(0..<first).union(count - last..<count)
        if let error { shown.formUnion(max(0, error - around)..<min(count, error + around)) }
        return shown.sorted()
    }
}

extension [Range<Int>] {
    /// The first index whose element satisfies `condition`, in an array sorted by it; else the end.
    fileprivate func partitioningIndex(where condition: (Range<Int>) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if condition(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
