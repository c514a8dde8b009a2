// SPDX-License-Identifier: Apache-2.0

package import CanaryDiagnosis
package import CanaryModel
package import CanaryText

/// Where the bytes an attempt printed lie in the log that was truncated of them.
package struct TruncatedLog: Hashable, Sendable {
    /// How a limit is shared.
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

    /// Bytes printed but not truncated.
    package var leftOut: Int { max(0, totalBytes - halves.head - halves.tail) }

    /// Where the byte printed as number `raw` lies; for one that was left out, where the first one behind it lies.
    package func offset(ofRaw raw: Int) -> Int {
        guard leftOut > 0, raw >= halves.head else { return raw }
        let tail = halves.head + Self.note(leftOut: leftOut).count
        return tail + max(0, raw - halves.head - leftOut)
    }

    /// What stands between head and tail, on a line of its own.
    static func note(leftOut count: Int) -> [UInt8] { Array("\n[canary: \(count) bytes left out]\n".utf8) }
}

extension LogExcerpt {
    /// What the last stage of `end` printed, in the log at `path` that was truncated under `limit`.
    package init(ofLastStageIn end: AttemptEnd, path: String, limit: ByteSize) {
        let truncated = TruncatedLog(totalBytes: end.logBytes, limit: limit)
        self.init(path: path, from: truncated.offset(ofRaw: end.stages.last?.logOffset ?? 0))
    }
}
