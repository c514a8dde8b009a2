// SPDX-License-Identifier: Apache-2.0

import CanaryHistory
import CanaryModel
import CanaryText

/// How one run of a job is drawn: each kind has a height and a place of its own beside its colour.
enum ResultMark: String, CaseIterable, Sendable {
    case passed
    case flaky
    case failed
    case lost
    /// Skipped, cancelled or still open.
    case none

    init(_ entry: JobHistoryEntry) {
        self.init(entry.result, flaky: entry.flaky)
    }

    init(_ result: Result?, flaky: Bool) {
        self =
            switch result {
            case .passed: flaky ? .flaky : .passed
            case .failed, .timedOut: .failed
            case .error, .blocked: .lost
            case .skipped, .cancelled, nil: .none
            }
    }

    /// The word of the legend.
    var word: String { self == .none ? "no result" : rawValue }

    /// The class that gives it its colour.
    var style: String {
        switch self {
        case .passed: "p"
        case .flaky: "k"
        case .failed: "f"
        case .lost: "l"
        case .none: "n"
        }
    }

    /// Its outline from `x` on, in a strip 12 high.
    func path(at x: Int) -> String {
        switch self {
        case .passed: "M\(x) 6h3v6h-3z"
        case .flaky: "M\(x) 3h3v3h-3zM\(x) 8h3v4h-3z"
        case .failed: "M\(x) 0h3v12h-3z"
        case .lost: "M\(x) 0h3v4h-3zM\(x) 8h3v4h-3z"
        case .none: "M\(x) 11h3v1h-3z"
        }
    }
}

/// A job's newest runs in one line, as SVG.
package enum ResultHistory {
    /// How many runs it has room for.
    package static let length = 30

    /// The strip of `marks`, oldest first; of more than 30 the newest are shown.
    static func svg(_ marks: [ResultMark]) -> String {
        let shown = marks.suffix(length)
        var paths: [ResultMark: String] = [:]
        for (index, mark) in shown.enumerated() {
            paths[mark, default: ""] += mark.path(at: 4 * (length - shown.count + index))
        }
        let drawn = ResultMark.allCases.compactMap { mark in
            paths[mark].map { "<path class=\"\(mark.style)\" d=\"\($0)\"/>" }
        }
        let missing = length - shown.count
        let floor = missing == 0 ? "" : "<path class=\"z\" d=\"M0 11h\(4 * missing - 1)v1H0z\"/>"
        return """
            <svg class="strip" viewBox="0 0 119 12" role="img" aria-label="\(spoken(shown))">\(floor)\(drawn.joined())</svg>
            """
    }

    /// What the marks mean, as items of a list.
    static var legend: String { ResultMark.allCases.map { "<li>\(sample($0)) \($0.word)</li>" }.joined() }

    private static func sample(_ mark: ResultMark) -> String {
        """
        <svg class="sample" viewBox="0 0 3 12" aria-hidden="true"><path class="\(mark.style)" d="\(mark.path(at: 0))"/></svg>
        """
    }

    private static func spoken(_ marks: ArraySlice<ResultMark>) -> String {
        guard !marks.isEmpty else { return "no runs yet" }
        let counts = ResultMark.allCases.compactMap { mark -> String? in
            let count = marks.count { $0 == mark }
            return count == 0 ? nil : "\(count) \(mark.word)"
        }
        return "last \(marks.count.counting("run")): \(counts.joined(separator: ", "))"
    }
}
