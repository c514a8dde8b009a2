// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// The end of what a program prints, at most 8 KiB: what comes before is dropped as more comes.
final class LastOutput: Sendable {
    private static let limit = 8 << 10
    private let kept = Mutex<[UInt8]>([])

    /// Takes what was printed.
    func append(_ bytes: UnsafeRawBufferPointer) {
        kept.withLock { kept in
            kept.append(contentsOf: bytes.suffix(Self.limit))
            if kept.count > Self.limit { kept.removeFirst(kept.count - Self.limit) }
        }
    }

    /// What is kept.
    var bytes: [UInt8] { kept.withLock { $0 } }
}
