// SPDX-License-Identifier: Apache-2.0

import CanaryModel

/// All lines of a log that may tell something, found in one pass.
struct LogScan: Sendable {
    private static let marks =
        [FailedSteps.ninjaMark, FailedSteps.ninjaEnd, FailedSteps.makeMark] + CTestReport.needles
    private static let recognisers = ErrorMatcher.Rank.allCases.flatMap { rank in rank.recognisers.map { (rank, $0) } }
    private static let finder = AhoCorasick(marks + recognisers.map(\.1.needle))

    /// For each mark, then for each recogniser, the lines that hold it.
    private let lines: [[Int]]

    /// Scans all of `log` that is looked at.
    init(_ log: LogExcerpt) {
        lines = log.withBytes { bytes in Self.finder.lines(in: bytes, log.windows) }
    }

    /// Where the lines of `scene` begin that hold `mark`, one of those that are searched.
    func lines(with mark: String, in scene: LogRegion) -> [Int] {
        Self.marks.firstIndex(of: mark).map { lines[$0].filter(scene.holds) } ?? []
    }

    /// What the first line of the most telling ranks says.
    func finding(in scene: LogRegion, _ ranks: [[ErrorMatcher.Rank]]) -> Finding? {
        ranks.lazy.compactMap { finding(in: scene, among: $0) }.first
    }

    private func finding(in scene: LogRegion, among ranks: [ErrorMatcher.Rank]) -> Finding? {
        let fitting = Self.recognisers.indices.filter { ranks.contains(Self.recognisers[$0].0) }
        var candidates = fitting.flatMap { index in
            lines[Self.marks.count + index].filter(scene.holds).map { (line: $0, recogniser: index) }
        }
        candidates.sort { ($0.line, $0.recogniser) < ($1.line, $1.recogniser) }
        // A traceback that somebody caught comes before the one that nobody did.
        if scene.stage != .test, ranks.contains(where: \.prefersLast) { candidates.reverse() }
        return candidates.lazy.compactMap { candidate in
            scene.line(at: candidate.line).flatMap { Self.recognisers[candidate.recogniser].1.read($0, scene) }
        }.first
    }
}

extension LogRegion {
    /// Whether the line that begins at `line` lies in one of the regions.
    fileprivate func holds(_ line: Int) -> Bool {
        // The last region that begins at or before the line.
        var low = 0
        var high = regions.count
        while low < high {
            let middle = (low + high) / 2
            if regions[middle].lowerBound <= line { low = middle + 1 } else { high = middle }
        }
        return low > 0 && regions[low - 1].contains(line)
    }
}
