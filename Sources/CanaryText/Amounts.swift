// SPDX-License-Identifier: Apache-2.0

import Foundation

extension Int {
    /// This many of `noun`: `1 job`, `2 jobs`.
    ///
    /// - Parameter plural: the plural, when it is not the noun with an `s`.
    package func counting(_ noun: String, plural: String? = nil) -> String {
        "\(self) \(self == 1 ? noun : plural ?? noun + "s")"
    }

    /// This many bytes for people: `512 B`, `1.2 GiB`.
    package var sizeText: String {
        var amount = Double(self)
        var units = ["B", "KiB", "MiB", "GiB", "TiB"][...]
        while amount.rounded() >= 1024, units.count > 1 {
            amount /= 1024
            units.removeFirst()
        }
        return units.first == "B" ? "\(self) B" : String(format: "%.1f %@", amount, units.first ?? "")
    }
}

extension Double {
    /// This share of 1 as a percentage: `97 %`, with a decimal below 10 % and from 99 % on, two from 99.9 % on.
    ///
    /// Only a share of 1 is `100 %`, only one of 0 is `0 %`; `–` for what is not a number.
    package var percentText: String {
        guard isFinite else { return "–" }
        if self <= 0 { return "0 %" }
        if self >= 1 { return "100 %" }
        let percent = Swift.min(self * 100, 99.99)
        if percent >= 99.9 { return String(format: "%.2f %%", percent) }
        return String(format: percent >= 99 || percent < 9.95 ? "%.1f %%" : "%.0f %%", percent)
    }
}
