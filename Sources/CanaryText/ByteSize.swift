// SPDX-License-Identifier: Apache-2.0

/// An amount of bytes, written `64MiB` in manifests.
package struct ByteSize: Hashable, Codable, Sendable, Comparable, CustomStringConvertible {
    /// The amount; never negative.
    package let bytes: Int

    /// Makes an amount of `bytes`.
    package init(bytes: Int) { self.bytes = bytes }

    /// Makes `count` times 2^20 bytes.
    package static func mebibytes(_ count: Int) -> ByteSize { ByteSize(bytes: count << 20) }

    /// Makes `count` times 2^30 bytes.
    package static func gibibytes(_ count: Int) -> ByteSize { ByteSize(bytes: count << 30) }

    private static let units = ["B", "KiB", "MiB", "GiB", "TiB"]

    /// Reads a whole number followed by `B`, `KiB`, `MiB`, `GiB` or `TiB`; nil for anything else.
    package init?(_ text: String) {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard let count = Int(digits), let power = Self.units.firstIndex(of: String(text.dropFirst(digits.count)))
        else { return nil }
        let (bytes, overflow) = count.multipliedReportingOverflow(by: 1 << (10 * power))
        guard !overflow else { return nil }
        self.bytes = bytes
    }

    /// The shortest exact form, such as `64MiB`.
    package var description: String {
        var amount = bytes
        var power = 0
        while amount >= 1024, amount % 1024 == 0, power < Self.units.count - 1 {
            amount /= 1024
            power += 1
        }
        return "\(amount)\(Self.units[power])"
    }

    package static func < (left: ByteSize, right: ByteSize) -> Bool { left.bytes < right.bytes }
}
