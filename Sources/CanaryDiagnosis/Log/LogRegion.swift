// SPDX-License-Identifier: Apache-2.0

import CanaryModel

/// A part of a log that is searched for the first error.
struct LogRegion: Sendable {
    /// The log.
    let log: LogExcerpt
    /// The stage that printed it.
    let stage: Stage
    /// The byte ranges, in order.
    let regions: [Range<Int>]
    /// Whether only the failed step printed there, so that each line that looks like an error is one.
    let isNarrow: Bool
    /// Shortens paths and recognises files of the project and its upstreams.
    let names: PathNames
    /// The prefix of the lines that belong to the region: ctest prints `12: ` before each output line of a test.
    var marker = ""

    /// The same log with other ranges, in which only the failed step printed.
    func narrowed(to regions: [Range<Int>], marker: String = "") -> LogRegion {
        LogRegion(log: log, stage: stage, regions: regions, isNarrow: true, names: names, marker: marker)
    }

    /// The line that starts at `start`; nil when it does not belong to the region.
    func line(at start: Int) -> LogLine? { withoutMarker(log.line(at: start)) }

    /// At most `count` lines after `line`, in the same range.
    func lines(after line: LogLine, count: Int) -> [LogLine] {
        let end = regions.first { $0.contains(line.range.lowerBound) }?.upperBound
        return log.lines(after: line, count: count, before: end).compactMap(withoutMarker)
    }

    /// At most `count` lines before `line`, the nearest one first.
    func lines(before line: LogLine, count: Int) -> [LogLine] {
        log.lines(before: line.range.lowerBound, count: count).compactMap(withoutMarker)
    }

    /// `line` without its marker; nil when it has none and so does not belong to the region.
    func withoutMarker(_ line: LogLine) -> LogLine? {
        guard !marker.isEmpty else { return line }
        return line.text.hasPrefix(marker)
            ? LogLine(text: String(line.text.dropFirst(marker.count)), range: line.range) : nil
    }
}

extension StringProtocol {
    /// Whether it consists of white space.
    var isBlank: Bool { allSatisfy(\.isWhitespace) }

    /// The text without white space at both ends.
    var trimmed: String {
        let start = drop(while: \.isWhitespace)
        return String(start.reversed().drop(while: \.isWhitespace).reversed())
    }

    /// Whether it contains one of `words`.
    func containsAny(_ words: [String]) -> Bool { words.contains { contains($0) } }

    /// The text before and after the first `words`; nil when it does not contain them.
    func split(at words: String) -> (before: SubSequence, after: SubSequence)? {
        firstRange(of: words).map { (self[startIndex..<$0.lowerBound], self[$0.upperBound..<endIndex]) }
    }

    /// The last component of a path.
    var lastPathPart: String { String(suffix(from: lastIndex(of: "/").map { index(after: $0) } ?? startIndex)) }
}

extension Stage {
    /// The reason when the log says no more than that the stage failed.
    var otherReason: ReasonCode {
        switch self {
        case .configure: .configureOther
        case .build: .buildOther
        case .install: .installOther
        case .test: .testFailed
        case .fetch, .inspect: .unknown
        }
    }
}
