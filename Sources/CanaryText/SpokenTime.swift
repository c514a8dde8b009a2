// SPDX-License-Identifier: Apache-2.0

package import Foundation

extension Date {
    /// The instant as people read it: `2026-11-21 19:30 UTC`.
    package var spoken: String {
        let style = Date.ISO8601FormatStyle(includingFractionalSeconds: false)
        // A year beyond four digits would move all that follows; no clock of ours gets there.
        let text = Date(timeIntervalSince1970: timeIntervalSince1970.rounded(.down)).formatted(style)
        return "\(text.prefix(10)) \(text.dropFirst(11).prefix(5)) UTC"
    }

    /// The day, as `--until` takes it: `2026-11-21`.
    package var day: String { String(spoken.prefix(10)) }
}

/// A span as people read it: `45 min`, `18 h`, `3 d 4 h`.
package func spokenSpan(from start: Date, to end: Date) -> String {
    let minutes = Int(max(0, end.timeIntervalSince(start)) / 60)
    let hours = minutes / 60
    if hours < 2 { return "\(minutes) min" }
    if hours < 48 { return "\(hours) h" }
    return hours % 24 == 0 ? "\(hours / 24) d" : "\(hours / 24) d \(hours % 24) h"
}
