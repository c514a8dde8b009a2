// SPDX-License-Identifier: Apache-2.0

import Foundation

extension TimeInterval {
    /// A duration for people, in its two largest units: `42 ms`, `3.2 s`, `12 s`, `3 min 20 s`, `1 h 5 min`, `3 d 4 h`.
    ///
    /// Milliseconds below a tenth of a second, a tenth below 10 s; `–` for what is negative, infinite or not a number.
    package var durationText: String {
        guard isFinite, self >= 0, self < 1e12 else { return "–" }
        if self > 0, self < 0.1 { return "\(Int((self * 1000).rounded(.up))) ms" }
        let tenths = (self * 10).rounded() / 10
        if tenths < 10, tenths != tenths.rounded() { return "\(tenths) s" }
        let seconds = Int(rounded())
        switch seconds {
        case ..<60: return "\(seconds) s"
        case ..<3600: return Self.text(seconds, 60, "min", "s")
        case ..<172_800: return Self.text(seconds / 60, 60, "h", "min")
        default: return Self.text(seconds / 3600, 24, "d", "h")
        }
    }

    private static func text(_ count: Int, _ perUnit: Int, _ unit: String, _ smaller: String) -> String {
        let (whole, rest) = count.quotientAndRemainder(dividingBy: perUnit)
        return rest == 0 ? "\(whole) \(unit)" : "\(whole) \(unit) \(rest) \(smaller)"
    }
}

extension Duration {
    /// The duration for people, as `TimeInterval.durationText`.
    package var durationText: String {
        (Double(components.seconds) + Double(components.attoseconds) / 1e18).durationText
    }
}
