// SPDX-License-Identifier: Apache-2.0

package import CanaryDiagnosis
package import CanaryModel
package import CanaryText

/// A log of limited size, and where the bytes that an attempt printed are in it.
package struct TruncatedLog: Hashable, Sendable {
    /// How a limit is divided.
    struct Halves: Hashable, Sendable {
        let head: Int
        let tail: Int

        init(limit: Int) {
            head = max(0, limit) / 2
            tail = max(0, limit) - head
        }
    }

    private let totalBytes: Int
    private let halves: Halves

    /// The finished log of an attempt that printed `totalBytes` under `limit`.
    package init(totalBytes: Int, limit: ByteSize) {
        self.totalBytes = totalBytes
        halves = Halves(limit: limit.bytes)
    }

    /// The number of bytes left out.
    package var leftOut: Int { max(0, totalBytes - halves.head - halves.tail) }

    /// The offset in the log of the printed byte number `raw`; for one left out, that of the first one after it.
    package func offset(ofRaw raw: Int) -> Int {
        guard leftOut > 0, raw >= halves.head else { return raw }
        let tail = halves.head + Self.note(leftOut: leftOut).count
        return tail + max(0, raw - halves.head - leftOut)
    }

    /// The note between head and tail, on a line of its own.
    static func note(leftOut count: Int) -> [UInt8] { Array("\n[canary: \(count) bytes left out]\n".utf8) }
}

extension LogExcerpt {
    /// The output of the last stage of `end`, in the log at `path` with `limit`.
    package init(ofLastStageIn end: AttemptEnd, path: String, limit: ByteSize) {
        let truncated = TruncatedLog(totalBytes: end.logBytes, limit: limit)
        self.init(path: path, from: truncated.offset(ofRaw: end.stages.last?.logOffset ?? 0))
    }
}
