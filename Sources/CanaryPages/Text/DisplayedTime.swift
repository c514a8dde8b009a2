// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import CanaryText
import Foundation

/// An instant as a page shows it: absolute, until the script makes it relative.
struct DisplayedTime: Hashable, Sendable {
    /// RFC 3339, for `datetime`.
    let iso: String
    /// `2026-11-21 19:30 UTC`.
    let text: String

    init(_ date: Date) {
        iso = date.rfc3339
        text = "\(iso.prefix(10)) \(iso.dropFirst(11).prefix(5)) UTC"
    }

    /// The element.
    var html: String { "<time datetime=\"\(iso)\">\(text)</time>" }
}

/// Spans and counts as people say them.
enum Format {
    /// `1 job`, `3 jobs`.
    static func count(_ count: Int, _ noun: String, plural: String? = nil) -> String {
        "\(count) \(count == 1 ? noun : plural ?? noun + "s")"
    }

    /// `12 s`, `3 min 20 s`, `1 h 5 min`; a tenth is shown below 10 s.
    static func seconds(_ seconds: Double) -> String {
        guard seconds.isFinite, seconds >= 0, seconds < 1e9 else { return "–" }
        let tenths = (seconds * 10).rounded() / 10
        if tenths < 10, tenths != tenths.rounded() { return "\(tenths) s" }
        let whole = Int(seconds.rounded())
        switch whole {
        case ..<60: return "\(whole) s"
        case ..<3600: return whole % 60 == 0 ? "\(whole / 60) min" : "\(whole / 60) min \(whole % 60) s"
        default:
            let minutes = whole % 3600 / 60
            return minutes == 0 ? "\(whole / 3600) h" : "\(whole / 3600) h \(minutes) min"
        }
    }

    /// `97 %`; one decimal below 10 % and above 99 %.
    static func percent(_ share: Double) -> String {
        guard share.isFinite else { return "–" }
        let tenths = (min(1, max(0, share)) * 1000).rounded() / 10
        let isFine = (tenths > 0 && tenths < 10) || (tenths > 99 && tenths < 100)
        return isFine ? "\(tenths) %" : "\(Int(tenths.rounded())) %"
    }

    /// `3.4 MiB`.
    static func bytes(_ bytes: Int) -> String {
        var (value, unit) = (Double(bytes), "B")
        for next in ["KiB", "MiB", "GiB"] where value >= 1024 { (value, unit) = (value / 1024, next) }
        return unit == "B" ? "\(bytes) B" : "\((value * 10).rounded() / 10) \(unit)"
    }
}
