// SPDX-License-Identifier: Apache-2.0

/// How often a job fails by accident, learned from its runs outside episodes.
package struct FlakeRecord: Hashable, Sendable {
    private static let window = 400
    /// Oldest first; true for a FLAKY run.
    private var runs: [Bool] = []

    /// Creates a record without runs.
    package init() {}

    /// Adds the newest run outside episodes; only the last 400 runs are remembered.
    package mutating func add(flaky: Bool) {
        runs.append(flaky)
        if runs.count > Self.window { runs.removeFirst(runs.count - Self.window) }
    }

    /// How many of the remembered runs were FLAKY, and how many there are.
    package var counts: (flaky: Int, runs: Int) { (runs.count { $0 }, runs.count) }

    /// The chance that a good build fails by accident: the mean of Beta(1, 30) after these runs.
    package var rate: Double { Double(1 + counts.flaky) / Double(31 + runs.count) }

    /// Whether the job earns the label `flaky`.
    package var isFlapping: Bool { rate > 0.2 || runs.suffix(10).count { $0 } >= 3 }
}

extension FlakeRecord: Codable {
    /// Decodes what `encode` wrote.
    package init(from decoder: any Decoder) throws {
        runs = try decoder.singleValueContainer().decode(String.self).map { $0 == "f" }
    }

    /// Encodes one character per run: the record is stored with every job.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(String(runs.map { $0 ? "f" : "." }))
    }
}
