// SPDX-License-Identifier: Apache-2.0

import CanaryFiles

/// How much git adds to a folder, which it does not bound itself.
struct DiskGrowth: Sendable {
    /// The folder.
    let folder: String
    /// The most bytes that may be added.
    let limit: Int

    /// The time between two looks at the free space of the disk, which cost microseconds.
    private static let interval = Duration.milliseconds(500)
    /// The least that has to disappear from the disk before the folder is measured again.
    private static let step: UInt64 = 64 << 20

    /// Returns when too much was added, or when the task is cancelled.
    @Sendable func isExceeded() async {
        var free = Disk.free(at: folder)
        let before = DiskUse.of(folder).bytes
        while !Task.isCancelled {
            try? await Task.sleep(for: Self.interval)
            let now = Disk.free(at: folder)
            if now < free, free - now < min(Self.step, UInt64(limit)) { continue }
            if DiskUse.of(folder).bytes - before > limit { return }
            free = now
        }
    }
}
