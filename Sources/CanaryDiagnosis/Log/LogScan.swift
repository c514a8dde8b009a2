// SPDX-License-Identifier: Apache-2.0

import CanaryModel

/// All lines of a log that may contain an error, found in one pass.
struct LogScan: Sendable {
    private static let markers = [NinjaSteps.marker, NinjaSteps.end] + MakeSteps.markers + CTestReport.needles
    private static let matchers = ErrorMatcher.Rank.allCases.flatMap { rank in rank.matchers.map { (rank, $0) } }
    private static let finder = AhoCorasick(markers + matchers.map(\.1.needle))

    /// For each marker, then for each matcher, the starts of the lines that contain it.
    private let lines: [[Int]]
    /// Reasons that no finding has.
    let denied: Set<ReasonCode>

    /// Scans the windows of `log`; lines that give a reason in `denied` are passed over.
    init(_ log: LogExcerpt, without denied: Set<ReasonCode> = []) {
        self.denied = denied
        lines = log.withBytes { bytes in Self.finder.lines(in: bytes, log.windows, done: log.release) }
    }

    /// The starts of the lines of `region` that contain `marker`, which must be one of `markers`.
    func lines(with marker: String, in region: LogRegion) -> [Int] {
        Self.markers.firstIndex(of: marker).map { lines[$0].filter(region.contains) } ?? []
    }

    /// The finding of the first matching line of the highest ranks.
    func finding(in region: LogRegion, _ ranks: [[ErrorMatcher.Rank]]) -> Finding? {
        ranks.lazy.compactMap { finding(in: region, among: $0) }.first
    }

    /// The finding of the first line with which the machine is blamed, though it does not agree.
    func deniedFinding(in region: LogRegion) -> Finding? {
        denied.isEmpty ? nil : finding(in: region, among: [.machine], isDenied: true)
    }

    private func finding(
        in region: LogRegion, among ranks: [ErrorMatcher.Rank], isDenied: Bool = false
    ) -> Finding? {
        let fitting = Self.matchers.indices.filter { ranks.contains(Self.matchers[$0].0) }
        var candidates = fitting.flatMap { index in
            lines[Self.markers.count + index].filter(region.contains).map { (line: $0, matcher: index) }
        }
        candidates.sort { ($0.line, $0.matcher) < ($1.line, $1.matcher) }
        // Tracebacks of exceptions that were caught come before the uncaught one.
        if region.stage != .test, ranks.contains(where: \.prefersLast) { candidates.reverse() }
        return candidates.lazy.prefix { _ in !Task.isCancelled }.compactMap { candidate in
            region.line(at: candidate.line).flatMap { Self.matchers[candidate.matcher].1.read($0, region) }
        }.first { denied.contains($0.reason) == isDenied }
    }
}

extension LogRegion {
    /// Whether the line that starts at `line` lies in one of the ranges.
    fileprivate func contains(_ line: Int) -> Bool {
        // The last range that starts at or before the line.
        var low = 0
        var high = regions.count
        while low < high {
            let middle = (low + high) / 2
            if regions[middle].lowerBound <= line { low = middle + 1 } else { high = middle }
        }
        return low > 0 && regions[low - 1].contains(line)
    }
}
