// SPDX-License-Identifier: Apache-2.0

import CanaryText

/// The durations of the executions of a job, as SVG.
enum DurationPlot {
    /// One execution.
    struct Point: Sendable {
        let seconds: Double
        let mark: ResultMark
    }

    private static let (width, height, left, top) = (640, 150, 96, 14)

    /// The plot of `points`, oldest first; nil if there are fewer than two.
    static func svg(_ points: [Point]) -> String? {
        let points = points.filter { $0.seconds.isFinite && $0.seconds >= 0 }
        guard points.count > 1, let longest = points.map(\.seconds).max() else { return nil }
        let step = tick(for: longest)
        let most = max(step, (longest / step).rounded(.up) * step)
        func y(_ seconds: Double) -> Int { top + Int((1 - seconds / most) * Double(height)) }
        let space = Double(width - left - 16) / Double(points.count - 1)
        let dots = points.enumerated().map { index, point in
            (x: left + 8 + Int(Double(index) * space), y: y(point.seconds), mark: point.mark)
        }
        let lines = stride(from: 0, through: most + step / 2, by: step).map { value in
            """
            <path class="rule" d="M\(left) \(y(value))H\(width)"/><text x="\(left - 6)" y="\(y(value) + 4)" \
            text-anchor="end">\(value.durationText)</text>
            """
        }
        let line = dots.map { "\($0.x) \($0.y)" }.joined(separator: "L")
        let marks = dots.map { dot($0.mark, x: $0.x, y: $0.y) }
        let sorted = points.map(\.seconds).sorted()
        let median = (sorted[sorted.count / 2]).durationText
        return """
            <svg class="plot" viewBox="0 0 \(width) \(height + top + 12)" width="\(width)" role="img" aria-label="Durations of \
            \(points.count.counting("execution")), newest last: median \(median), longest \
            \(longest.durationText)">\(lines.joined())<path class="line" d="M\(line)"/>\(marks.joined())</svg>
            """
    }

    private static func dot(_ mark: ResultMark, x: Int, y: Int) -> String {
        let outline =
            switch mark {
            case .passed: "M\(x - 3) \(y)a3 3 0 1 0 6 0a3 3 0 1 0-6 0z"
            case .flaky: "M\(x) \(y - 4)l4 7h-8z"
            case .failed: "M\(x - 3) \(y - 3)h6v6h-6z"
            case .lost, .none: "M\(x) \(y - 4)l4 4l-4 4l-4-4z"
            }
        return "<path class=\"\(mark.style)\" d=\"\(outline)\"/>"
    }

    /// A round step that divides `longest` into at most four.
    private static func tick(for longest: Double) -> Double {
        let steps = [0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 28800, 86400]
        return steps.first { longest / $0 <= 4 } ?? (longest / 4)
    }
}
