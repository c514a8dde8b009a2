// SPDX-License-Identifier: Apache-2.0

import Foundation

extension Int {
    /// An amount of bytes as people say it: `512 B`, `1.2 GiB`.
    package var spokenBytes: String {
        var amount = Double(self)
        var power = 0
        let units = ["B", "KiB", "MiB", "GiB", "TiB"]
        while amount >= 1024, power < units.count - 1 {
            amount /= 1024
            power += 1
        }
        return power == 0 ? "\(self) B" : String(format: "%.1f %@", amount, units[power])
    }
}
