// SPDX-License-Identifier: Apache-2.0

/// What the machine itself says about the time of an attempt: a build can print anything and exit as it likes.
package struct MachineState: Hashable, Codable, Sendable {
    /// How many processes the kernel ended for lack of memory, of this attempt or of anybody.
    package let oomKills: Int
    /// Whether the disk of the attempt was full, or nearly.
    package let isDiskShort: Bool
    /// Whether the attempt had a network.
    package let hasNetwork: Bool

    /// Makes a state.
    package init(oomKills: Int, isDiskShort: Bool, hasNetwork: Bool = true) {
        self.oomKills = oomKills
        self.isDiskShort = isDiskShort
        self.hasNetwork = hasNetwork
    }

    /// The reasons that blame the machine, and that it does not confirm.
    ///
    /// A stage never sees the engine, so its words about one are its own; and where there is no network, none failed.
    package var denied: Set<ReasonCode> {
        var denied: Set<ReasonCode> = [.environmentEngine, .environmentImage]
        if oomKills == 0 { denied.insert(.environmentKilled) }
        if !isDiskShort { denied.insert(.environmentDiskFull) }
        if !hasNetwork { denied.formUnion(ReasonCode.allCases.filter { $0.rawValue.hasPrefix("fetch.") }) }
        return denied
    }
}
