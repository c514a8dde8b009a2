// SPDX-License-Identifier: Apache-2.0

package import CanaryText
package import Foundation

/// What to remove from a state folder, and why.
package struct GarbageCollectionPlan: Hashable, Sendable {
    /// Why something is removed.
    package enum Reason: String, CaseIterable, Sendable {
        /// Left behind by a process that died, or unknown to history.
        case leftover
        /// A log older than `keep: {logs: ...}`.
        case expired
        /// Of a project or variant that the stack no longer has, while the folder is larger than `store`.
        case foreign
        /// Unused longest, while the folder is larger than `store`.
        case unused
    }

    /// One thing to remove.
    package struct Removal: Hashable, Sendable {
        /// What to remove.
        package let entry: InventoryEntry
        /// Why.
        package let reason: Reason
    }

    /// What to remove, in this order.
    package let removals: [Removal]
    /// The size of the folder before, in bytes.
    package let bytesBefore: Int
    /// The size the folder may have, in bytes.
    package let limit: Int

    /// The size of everything that is removed, in bytes.
    package var freed: Int { removals.reduce(0) { $0 + $1.entry.bytes } }
    /// The size of the folder afterwards, in bytes.
    package var bytesAfter: Int { bytesBefore - freed }
    /// Whether the folder is then within its limit.
    package var isWithinLimit: Bool { bytesAfter <= limit }

    /// The plan for a folder that does not exist.
    package static func none(limit: ByteSize) -> GarbageCollectionPlan {
        GarbageCollectionPlan(removals: [], bytesBefore: 0, limit: limit.bytes)
    }

    /// Decides what to remove so that `inventory` has at most the size `limit`, as far as `roots` allow.
    ///
    /// Leftovers and logs older than `keepLogs` are always removed. Then, only until the limit is met: what no project
    /// or variant of the stack uses any longer, then prefixes, mirrors and compiler caches, then logs; of each, what was
    /// unused longest first. The same inventory gives the same plan, in whatever order it was found, and after its
    /// removals the plan is empty.
    package static func decide(
        _ inventory: StateInventory, roots: RetentionRoots, limit: ByteSize, keepLogs: TimeSpan, now: Date
    ) -> GarbageCollectionPlan {
        let removable = inventory.entries.filter { !roots.retains($0.item) }
        var removals: [Removal] = []
        var bytes = inventory.bytes
        for (entry, reason) in ordered(removable, roots: roots, expiry: now - TimeInterval(keepLogs.seconds)) {
            let isDue = reason == .leftover || reason == .expired
            guard isDue || (bytes > limit.bytes && entry.bytes > 0) else { continue }
            removals.append(Removal(entry: entry, reason: reason))
            bytes -= entry.bytes
        }
        return GarbageCollectionPlan(removals: removals, bytesBefore: inventory.bytes, limit: limit.bytes)
    }

    private static func ordered(
        _ removable: [InventoryEntry], roots: RetentionRoots, expiry: Date
    ) -> [(entry: InventoryEntry, reason: Reason)] {
        let ranked = removable.map { entry in (entry: entry, rank: rank(of: entry, roots: roots, expiry: expiry)) }
        let sorted = ranked.sorted { left, right in
            let ages = (left.entry.lastUsedAt ?? .distantPast, right.entry.lastUsedAt ?? .distantPast)
            if left.rank != right.rank { return left.rank < right.rank }
            return ages.0 == ages.1 ? left.entry.item < right.entry.item : ages.0 < ages.1
        }
        return sorted.map { ($0.entry, reason(of: $0.rank)) }
    }

    /// 0 leftovers, 1 expired logs, 2 what the stack no longer uses, 3 what can be recreated, 4 what cannot.
    private static func rank(of entry: InventoryEntry, roots: RetentionRoots, expiry: Date) -> Int {
        if roots.isForeign(entry.item) { return 2 }
        switch entry.item {
        case .leftover: return 0
        case .prefix, .mirror, .compilerCache: return 3
        case .log:
            guard let endedAt = entry.lastUsedAt else { return 0 }
            return endedAt <= expiry ? 1 : 4
        }
    }

    private static func reason(of rank: Int) -> Reason {
        switch rank {
        case 0: .leftover
        case 1: .expired
        case 2: .foreign
        default: .unused
        }
    }
}
