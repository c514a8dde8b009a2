// SPDX-License-Identifier: Apache-2.0

package import Foundation

/// How long the episodes of each upstream lasted, and the paging age that follows from it.
package struct LearnedAges: Hashable, Codable, Sendable {
    private static let window = 400
    private static let enough = 20
    private static let lasting: TimeInterval = 72 * 3600
    private static let bounds: ClosedRange<TimeInterval> = (6 * 3600)...(48 * 3600)
    private static let precision = 0.8

    /// Seconds, oldest first, by upstream.
    private var durations: [String: [TimeInterval]] = [:]

    /// Creates ages without episodes.
    package init() {}

    /// Adds an ended episode of `upstream`, in seconds; only the last 400 are remembered.
    package mutating func add(_ duration: TimeInterval, of upstream: String) {
        let recent = (durations[upstream] ?? []).suffix(Self.window - 1)
        durations[upstream] = recent + [max(0, duration)]
    }

    /// The smallest age in [6 h, 48 h] at which 4 of 5 episodes of `upstream` that are still red last over 72 h; 48 h
    /// when there is none, nil before 20 episodes have ended.
    package func age(of upstream: String) -> TimeInterval? {
        guard let durations = durations[upstream], durations.count >= Self.enough else { return nil }
        let passing = durations.filter { $0 <= Self.lasting }
        let share = Double(durations.count - passing.count) / Double(durations.count)
        guard share > 0 else { return Self.bounds.upperBound }
        // The share of the others that are still red only falls where one of them ends.
        let ages = [Self.bounds.lowerBound] + passing.filter(Self.bounds.contains).sorted()
        return ages.first { age in
            let stillRed = Double(passing.count { $0 > age }) / Double(max(1, passing.count))
            return share / (share + (1 - share) * stillRed) >= Self.precision
        } ?? Self.bounds.upperBound
    }
}
