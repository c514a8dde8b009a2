// SPDX-License-Identifier: Apache-2.0

import CanaryFiles
import CanaryModel
import CanaryText
import Foundation
import Synchronization

/// Watches the machine for the time of one attempt: what the attempt takes of the disk, how full that became, and
/// whether the kernel ended processes for lack of memory.
final class MachineWatch: Sendable {
    private let folders: [String]
    /// A folder of which only the growth counts.
    private let shared: String?
    private let limit: Int
    private let hasNetwork: Bool
    private let killsBefore: Int
    private let seen = Mutex(Seen())
    /// Those of the folders that have no quota of their own, see `ProjectQuota`.
    private let unbounded: [String]
    /// One that has.
    private let bounded: String?

    /// The worst that was seen so far.
    private struct Seen {
        var leastFree = UInt64.max
        var isQuotaUsedUp = false
    }

    /// The time between two looks at the free space of the disk, which cost microseconds.
    private static let interval = Duration.seconds(1)
    /// The folders are measured at least as often, since others may free what the attempt takes.
    private static let longest = Duration.seconds(60)
    /// The least that has to disappear from the disk before the folders are measured again.
    private static let step = 64 << 20
    /// What a file without content takes of a file system, about: a name, and a node of those that there are.
    static let entrySize = 4 << 10
    /// With less free space than this, a tool may have found none for a moment.
    private static let short: UInt64 = 1 << 30

    /// Watches `folders`, which lie on the disk of `disk` and may take `limit` bytes together, with what `shared` grows by.
    init(folders: [String], shared: String? = nil, limit: Int, hasNetwork: Bool, disk: String? = nil) {
        self.folders = folders
        let whole = disk.flatMap(DiskSpace.init(at:))
        let quotas = folders.filter { folder in
            whole.map { DiskSpace(at: folder)?.isQuota(on: $0) ?? false } ?? false
        }
        unbounded = folders.filter { !quotas.contains($0) }
        bounded = quotas.first
        self.shared = shared
        self.hasNetwork = hasNetwork
        self.limit = limit
        killsBefore = Self.oomKills
    }

    /// Watches all folders of `order`, and the compiler cache that it writes to.
    convenience init(of order: WorkOrder, in state: StateFolder, sharing cache: String? = nil) {
        let prefix = state.prefix(of: order.project, key: order.prefixKey)
        self.init(
            folders: [state.attempt(order.attempt).path, prefix], shared: cache, limit: order.limits.disk.bytes,
            hasNetwork: order.container == nil || order.recipe.network, disk: state.path)
    }

    /// Returns when the folders take more than the limit, or when the task is cancelled: then false.
    func isExceeded() async -> Bool {
        let first = look()
        var (last, at, used) = (first, ContinuousClock.now, 0)
        let before = shared.map { DiskUse.of($0).bytes } ?? 0
        while true {
            try? await Task.sleep(for: Self.interval)
            if Task.isCancelled { return false }
            let (free, now) = (look(), ContinuousClock.now)
            // Half of what is left: the nearer the limit, the closer the look.
            let margin = UInt64(max(Self.step, (limit - used) / 2))
            if Self.gone(from: last, to: free) < margin, now - at < Self.longest { continue }
            let (bytes, isWhole) = await measure(before)
            used = bytes
            // What hides from us has no other limit than what is gone from the disk.
            let isHiding = !isWhole && Self.gone(from: first, to: free) > UInt64(limit)
            if used > limit || isHiding { return true }
            (last, at) = (free, now)
        }
    }

    private static func gone(from before: UInt64, to now: UInt64) -> UInt64 { before > now ? before - now : 0 }

    /// What the folders take, with what the shared one has more than `before`, and whether all of it could be read.
    private func measure(_ before: Int) async -> (bytes: Int, isWhole: Bool) {
        await withTaskExecutorPreference(FileReadingExecutor.shared) {
            let own = folders.map(DiskUse.of)
            let growth = max(0, (shared.map { DiskUse.of($0).bytes } ?? 0) - before)
            let bytes = own.reduce(growth) { $0 + $1.bytes + $1.entries * Self.entrySize }
            return (bytes, own.allSatisfy(\.isWhole))
        }
    }

    /// What the machine says at the end.
    func state() -> MachineState {
        _ = look()
        let isShort = seen.withLock(\.leastFree) < Self.short || unbounded.contains { Disk.isFull(at: $0) }
        return MachineState(
            oomKills: Self.oomKills - killsBefore, isDiskShort: isShort, hasNetwork: hasNetwork)
    }

    /// Whether the attempt has used up a quota of its own: what then fails does so for that.
    func isQuotaUsedUp() -> Bool {
        _ = look()
        return seen.withLock(\.isQuotaUsedUp)
    }

    private func look() -> UInt64 {
        let free = unbounded.map(Disk.free).min() ?? 0
        let isUsedUp = bounded.flatMap(DiskSpace.init(at:))?.isUsedUp ?? false
        seen.withLock { seen in
            seen.leastFree = min(seen.leastFree, free)
            if isUsedUp { seen.isQuotaUsedUp = true }
        }
        return free
    }

    /// Counts for all of the machine since it started, containers included (`oom_kill` of `/proc/vmstat`).
    private static var oomKills: Int {
        let text = (try? String(contentsOfFile: "/proc/vmstat", encoding: .utf8)) ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix("oom_kill ") }
        return line.flatMap { Int($0.dropFirst("oom_kill ".count)) } ?? 0
    }
}
