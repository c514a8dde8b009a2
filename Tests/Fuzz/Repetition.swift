// SPDX-License-Identifier: Apache-2.0

/// A short input over and over, which shows whether the time to read it grows faster than its length.
struct Repetition {
    /// The longest input, as `scripts/fuzz` says.
    private static let limit = 64 << 10
    /// How many seconds of the processor a long one may take, however little a quarter of it takes.
    private static let allowed = 0.5
    /// How many times as long as for a quarter it may take: four times for the length, sixteen times for its square.
    private static let factor = 8.0

    private let bytes: [UInt8]

    /// A few inputs are repeated, the same ones each time.
    init?(of bytes: UnsafeRawBufferPointer) {
        guard !bytes.isEmpty, bytes.count <= Self.limit / 16, bytes.reduce(0, { $0 + Int($1) }) % 256 == 0
        else { return nil }
        self.bytes = Array(bytes)
    }

    /// Reads it, and a quarter of it.
    func read() {
        let (short, long) = (seconds(upTo: Self.limit / 4), seconds(upTo: Self.limit))
        require(
            long < Self.allowed || long < short * Self.factor,
            "time that grows with the length, found \(short) s for a quarter of 64 KiB and \(long) s for all")
    }

    private func seconds(upTo limit: Int) -> Double {
        var all: [UInt8] = []
        all.reserveCapacity(limit)
        while all.count + bytes.count <= limit { all += bytes }
        return all.withUnsafeBytes { Subject.chosen.seconds(for: $0) }
    }
}
