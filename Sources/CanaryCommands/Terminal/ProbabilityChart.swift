// SPDX-License-Identifier: Apache-2.0

/// The probabilities of all commits as one line of blocks: the higher, the more suspect.
enum ProbabilityChart {
    private static let blocks = Array(" ▁▂▃▄▅▆▇█")

    /// Draws `probabilities`; neighbours share a column if there are more than `width`.
    static func draw(_ probabilities: some RandomAccessCollection<Double>, width: Int) -> String {
        let values = Array(probabilities)
        guard !values.isEmpty, width > 0 else { return "" }
        let columns = min(width, values.count)
        let sums = (0..<columns).map { column in
            values[column * values.count / columns..<(column + 1) * values.count / columns].reduce(0, +)
        }
        let most = sums.max() ?? 0
        guard most > 0 else { return String(repeating: " ", count: columns) }
        return String(
            sums.map { sum in
                // A possible commit is always visible.
                sum <= 0 ? blocks[0] : blocks[max(1, Int((sum / most * Double(blocks.count - 1)).rounded()))]
            })
    }
}
