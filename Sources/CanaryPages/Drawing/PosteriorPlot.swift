// SPDX-License-Identifier: Apache-2.0

import CanaryBisection
import CanaryText

/// The probability of each suspect of a search and the positions of its probes, as SVG.
enum PosteriorPlot {
    private static let (width, left, height) = (640, 72, 120)
    private static let maximumBars = 240

    /// Draws `probabilities` (the environment, each commit, no culprit) above the probes; nil without commits.
    static func svg(_ probabilities: [Double], probes: [SearchFacts.AnsweredProbe]) -> String? {
        guard probabilities.count > 2 else { return nil }
        let commits = Array(probabilities[1..<(probabilities.count - 1)])
        let bins = bars(commits)
        let peak = max(probabilities.filter(\.isFinite).max() ?? 1, 0.001)
        let (start, end) = (left + 60, width - 60)
        let each = Double(end - start) / Double(bins.count)
        func bar(_ x: Double, _ wide: Double, _ share: Double, _ style: String) -> String {
            let tall = share > 0 ? max(1, share / peak * Double(height)) : 0
            return """
                <rect class="\(style)" x="\(tenth(x))" y="\(tenth(Double(height) + 8 - tall))" width="\(tenth(wide))" \
                height="\(tenth(tall))"/>
                """
        }
        var drawn = bins.enumerated().filter { $1 > 0 }.map {
            bar(Double(start) + Double($0) * each, max(1, each - (each > 3 ? 1 : 0)), $1, "bar")
        }
        drawn.append(bar(Double(left) + 8, 28, probabilities[0], "bar side"))
        drawn.append(bar(Double(end) + 20, 28, probabilities[probabilities.count - 1], "bar side"))
        let marks = probes.map { probe in
            let share = Double(probe.position) / Double(max(1, commits.count))
            return mark(probe.answer, x: Double(start) + share * Double(end - start), n: probe.n)
        }
        let base = height + 8
        return """
            <svg class="plot" viewBox="0 0 \(width) \(base + 64)" width="\(width)" role="img" aria-label="Probability of \
            \(commits.count.counting("commit")), and \(probes.count.counting("probe")) below">\
            <path class="rule" d="M\(left) \(base)H\(width)"/><text x="\(left - 4)" y="16" text-anchor="end">\
            \(peak.percentText)</text>\(drawn.joined())\(marks.joined())<text x="\(left + 22)" y="\(base + 16)" \
            text-anchor="middle">environment</text><text x="\(width - 2)" y="\(base + 16)" text-anchor="end">no culprit\
            </text><text x="\(start)" y="\(base + 58)">good</text><text x="\(end)" y="\(base + 58)" text-anchor="end">bad\
            </text></svg>
            """
    }

    /// The probabilities in at most 240 bars; a bar is the sum of its commits.
    private static func bars(_ commits: [Double]) -> [Double] {
        let size = (commits.count + maximumBars - 1) / maximumBars
        return stride(from: 0, to: commits.count, by: size).map { begin in
            commits[begin..<min(commits.count, begin + size)].filter(\.isFinite).reduce(0, +)
        }
    }

    private static func mark(_ answer: ProbeAnswer, x: Double, n: Int) -> String {
        // Three rows, so that adjacent probes do not overlap.
        let y = Double(height + 26 + n % 3 * 8)
        let (x, y3) = (tenth(x), tenth(y))
        return switch answer {
        case .pass: "<path class=\"p\" d=\"M\(x) \(y3)m-3 0a3 3 0 1 0 6 0a3 3 0 1 0-6 0z\"/>"
        case .fail: "<path class=\"f\" d=\"M\(x) \(y3)m-3-3h6v6h-6z\"/>"
        case .untestable, .error: "<path class=\"l\" d=\"M\(x) \(y3)m0-4l4 4l-4 4l-4-4z\"/>"
        }
    }

    private static func tenth(_ value: Double) -> String {
        let rounded = (value * 10).rounded() / 10
        return rounded == rounded.rounded() ? "\(Int(rounded))" : "\(rounded)"
    }
}
