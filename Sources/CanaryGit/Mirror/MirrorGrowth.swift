// SPDX-License-Identifier: Apache-2.0

import CanaryFiles
import CanaryModel
import CanaryText
import Glibc

/// Bounds how much a transfer adds to a mirror: git itself accepts any amount that a server sends.
struct MirrorGrowth: Sendable {
    private let objects: String
    private let limit: Int

    /// The time between two looks at the free space of the disk, which cost microseconds.
    private static let interval = Duration.milliseconds(500)
    /// The least that has to disappear from the disk before the mirror is measured again.
    private static let step: UInt64 = 64 << 20

    /// Bounds `repository`, which may grow by `limit` bytes.
    init(of repository: MirrorFolder, atMost limit: Int) {
        objects = repository.path + "/objects"
        self.limit = limit
    }

    /// Runs a transfer, and ends it when it adds too much; what it left behind is then removed.
    ///
    /// - Throws: the failure of `transfer`, or `fetchCheckout`.
    func bounding(_ transfer: @escaping @Sendable () async throws(GitFailure) -> Void) async throws(GitFailure) {
        let failure = GitFailure(
            reason: .fetchCheckout,
            detail:
                "git received more than \(limit.sizeText) and was ended; hint: look at the repository: if it is what "
                + "it should be, fetch it into its mirror by hand")
        do {
            try await WatchedWork(failure: failure).run(transfer, until: isExceeded)
        } catch {
            if error == failure { removeIncompletePacks() }
            throw error
        }
    }

    /// Returns when the mirror has grown too much, or the task is cancelled.
    @Sendable private func isExceeded() async {
        var free = Disk.free(at: objects)
        let before = DiskUse.of(objects).bytes
        while !Task.isCancelled {
            try? await Task.sleep(for: Self.interval)
            let now = Disk.free(at: objects)
            if now < free, free - now < min(Self.step, UInt64(limit)) { continue }
            if DiskUse.of(objects).bytes - before > limit { return }
            free = now
        }
    }

    private func removeIncompletePacks() {
        for name in Folder.names(in: objects + "/pack") where name.hasPrefix("tmp_") {
            unlink("\(objects)/pack/\(name)")
        }
    }
}
