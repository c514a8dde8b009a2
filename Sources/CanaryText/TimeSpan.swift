// SPDX-License-Identifier: Apache-2.0

/// A span of time as manifests write it: `0s 90s 30m 2h 7d`.
package struct TimeSpan: Hashable, Codable, Sendable, Comparable, CustomStringConvertible {
    /// The length in whole seconds; never negative.
    package let seconds: Int

    /// Makes a span of `seconds`.
    package init(seconds: Int) { self.seconds = seconds }

    /// Makes a span of `count` minutes.
    package static func minutes(_ count: Int) -> TimeSpan { TimeSpan(seconds: count * 60) }

    /// Makes a span of `count` hours.
    package static func hours(_ count: Int) -> TimeSpan { TimeSpan(seconds: count * 3600) }

    /// Makes a span of `count` days.
    package static func days(_ count: Int) -> TimeSpan { TimeSpan(seconds: count * 86400) }

    private static let units: [(suffix: Character, seconds: Int)] = [("d", 86400), ("h", 3600), ("m", 60), ("s", 1)]

    /// A thousand years: an instant that far away still has a year of four digits.
    private static let longest = 365_250 * 86_400

    /// Reads a whole number followed by `s`, `m`, `h` or `d`; nil for anything else, and for more than a thousand years.
    package init?(_ text: String) {
        guard let suffix = text.last, let unit = Self.units.first(where: { $0.suffix == suffix }) else { return nil }
        let digits = text.dropLast()
        guard !digits.isEmpty, digits.allSatisfy({ $0.isASCII && $0.isNumber }), let count = Int(digits)
        else { return nil }
        let (seconds, overflow) = count.multipliedReportingOverflow(by: unit.seconds)
        guard !overflow, seconds <= Self.longest else { return nil }
        self.seconds = seconds
    }

    /// The same length as a `Duration`.
    package var duration: Duration { .seconds(seconds) }

    /// The written form in the largest unit that divides it.
    package var description: String {
        for unit in Self.units where seconds > 0 && seconds % unit.seconds == 0 {
            return "\(seconds / unit.seconds)\(unit.suffix)"
        }
        return "\(seconds)s"
    }

    package static func < (left: TimeSpan, right: TimeSpan) -> Bool { left.seconds < right.seconds }
}
