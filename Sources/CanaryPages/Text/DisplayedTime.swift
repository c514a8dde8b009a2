// SPDX-License-Identifier: Apache-2.0

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
        text = date.minuteText
    }

    /// The element.
    var html: String { "<time datetime=\"\(iso)\">\(text)</time>" }
}
