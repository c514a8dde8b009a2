// SPDX-License-Identifier: Apache-2.0

import CanaryModel

/// A part of a log that is searched for the first error.
struct LogRegion: Sendable {
    /// The log.
    let log: LogExcerpt
    /// The stage that printed it.
    let stage: Stage
    /// Where to look, in order.
    let regions: [Range<Int>]
    /// Whether only what failed printed there, so that each line that looks like an error is one.
    let isNarrow: Bool
    /// Shortens paths, and tells files of the project and its upstreams from others.
    let names: PathNames
    /// What each line begins with that belongs to the scene: ctest marks what a test prints with `12: `.
    let mark: String

    init(
        log: LogExcerpt, stage: Stage, regions: [Range<Int>], isNarrow: Bool, names: PathNames, mark: String = ""
    ) {
        self.log = log
        self.stage = stage
        self.regions = regions
        self.isNarrow = isNarrow
        self.names = names
        self.mark = mark
    }

    /// The same with other regions, in which only what failed printed.
    func narrowed(to regions: [Range<Int>], mark: String = "") -> LogRegion {
        LogRegion(log: log, stage: stage, regions: regions, isNarrow: true, names: names, mark: mark)
    }

    /// The line that begins at `start`; nil when it is not of this scene.
    func line(at start: Int) -> LogLine? { unmarked(log.line(at: start)) }

    /// At most `count` lines behind `line`, in its region.
    func lines(after line: LogLine, count: Int) -> [LogLine] {
        let end = regions.first { $0.contains(line.range.lowerBound) }?.upperBound
        return log.lines(after: line, count: count, before: end).compactMap(unmarked)
    }

    /// At most `count` lines before `line`, the nearest one first.
    func lines(before line: LogLine, count: Int) -> [LogLine] {
        log.lines(before: line.range.lowerBound, count: count).compactMap(unmarked)
    }

    /// `line` without its mark; nil when it has none and so is not of this scene.
    func unmarked(_ line: LogLine) -> LogLine? {
        guard !mark.isEmpty else { return line }
        return line.text.hasPrefix(mark)
            ? LogLine(text: String(line.text.dropFirst(mark.count)), range: line.range) : nil
    }
}

extension StringProtocol {
    /// Whether nothing but white space is in it.
    var isBlank: Bool { allSatisfy(\.isWhitespace) }

    /// Without white space at both ends.
    var trimmed: String {
        let start = drop(while: \.isWhitespace)
        return String(start.reversed().drop(while: \.isWhitespace).reversed())
    }

    /// Whether one of `words` is in it.
    func containsAny(_ words: [String]) -> Bool { words.contains { contains($0) } }

    /// What stands before and behind the first `words`.
    func split(at words: String) -> (before: SubSequence, behind: SubSequence)? {
        firstRange(of: words).map { (self[startIndex..<$0.lowerBound], self[$0.upperBound..<endIndex]) }
    }

    /// The last part of a path.
    var lastPathPart: String { String(suffix(from: lastIndex(of: "/").map { index(after: $0) } ?? startIndex)) }
}

extension Stage {
    /// The reason when nothing in the log tells more.
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
