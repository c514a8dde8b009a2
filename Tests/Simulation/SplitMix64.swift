// SPDX-License-Identifier: Apache-2.0

/// A small random source that gives the same numbers for the same seed everywhere.
package struct SplitMix64: RandomNumberGenerator {
    private var state: UInt64

    /// Starts at `seed`.
    package init(seed: UInt64) { state = seed }

    /// The next 64 bits.
    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// True with a probability of `percent` in a hundred.
    package mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &self) < percent }
}

extension Array {
    /// One of the elements; the array must not be empty.
    package func pick(_ random: inout SplitMix64) -> Element { self[Int.random(in: indices, using: &random)] }
}
