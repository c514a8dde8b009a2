// SPDX-License-Identifier: Apache-2.0

import CanaryHistory
import CanaryModel
import CanaryText

/// How one run of a job is drawn: each kind has its own outline besides its colour.
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

    /// Its name in the legend.
    var word: String { self == .none ? "no result" : rawValue }

    /// The CSS class with its colour.
    var style: String {
        switch self {
        case .passed: "p"
        case .flaky: "k"
        case .failed: "f"
        case .lost: "l"
        case .none: "n"
        }
    }

    /// Its outline from `x` on, in a drawing of height 12.
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

/// The newest runs of a job in one line, as SVG.
package enum ResultHistory {
    /// The most runs shown.
    package static let length = 30

    /// Draws `marks`, oldest first; only the newest `length` are shown.
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
            <svg class="strip" viewBox="0 0 119 12" role="img" aria-label="\(label(shown))">\(floor)\(drawn.joined())</svg>
            """
    }

    /// The legend, as list items.
    static var legend: String { ResultMark.allCases.map { "<li>\(sample($0)) \($0.word)</li>" }.joined() }

    private static func sample(_ mark: ResultMark) -> String {
        """
        <svg class="sample" viewBox="0 0 3 12" aria-hidden="true"><path class="\(mark.style)" d="\(mark.path(at: 0))"/></svg>
        """
    }

    private static func label(_ marks: ArraySlice<ResultMark>) -> String {
        guard !marks.isEmpty else { return "no runs yet" }
        let counts = ResultMark.allCases.compactMap { mark -> String? in
            let count = marks.count { $0 == mark }
            return count == 0 ? nil : "\(count) \(mark.word)"
        }
        return "last \(marks.count.counting("run")): \(counts.joined(separator: ", "))"
    }
}
