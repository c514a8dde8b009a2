// SPDX-License-Identifier: Apache-2.0

package import CanaryText
package import Foundation

/// What is to be removed from a state folder, and why.
package struct GarbageCollectionPlan: Hashable, Sendable {
    /// Why something goes.
    package enum Reason: String, CaseIterable, Sendable {
        /// Left by a process that died, or unknown to history.
        case leftover
        /// A log older than `keep: {logs: ...}` says.
        case expired
        /// Of a project or variant that the stack no longer has, while the folder takes more room than `store`.
        case foreign
        /// The longest unused, while the folder takes more room than `store`.
        case unused
    }

    /// One thing to remove.
    package struct Removal: Hashable, Sendable {
        /// What.
        package let kept: Kept
        /// Why.
        package let reason: Reason
    }

    /// What goes, first things first.
    package let removals: [Removal]
    /// The room of the folder before.
    package let bytesBefore: Int
    /// The room the folder may take.
    package let limit: Int

    /// The room that becomes free.
    package var freed: Int { removals.reduce(0) { $0 + $1.kept.bytes } }
    /// The room of the folder after.
    package var bytesAfter: Int { bytesBefore - freed }
    /// Whether that is no more than it may take.
    package var isWithinLimit: Bool { bytesAfter <= limit }

    /// That of a folder that is not there.
    package static func none(limit: ByteSize) -> GarbageCollectionPlan {
        GarbageCollectionPlan(removals: [], bytesBefore: 0, limit: limit.bytes)
    }

    /// Decides what goes so that `household` takes at most `limit`, as far as `claims` allow.
    ///
    /// Leftovers go, and logs older than `keepLogs`. Then, only until the limit is kept: what serves nothing of the
    /// stack any more, prefixes and compiler caches, logs; each the longest unused first. The same household has the
    /// same clearance, in whatever order it was found, and nothing is left to decide after it.
    package static func decide(
        _ household: StateInventory, claims: RetentionRoots, limit: ByteSize, keepLogs: TimeSpan, now: Date
    ) -> GarbageCollectionPlan {
        let free = household.kept.filter { !claims.hold($0.belonging) }
        var removals: [Removal] = []
        var bytes = household.bytes
        for (kept, reason) in ordered(free, claims: claims, expiry: now - TimeInterval(keepLogs.seconds)) {
            let isDue = reason == .leftover || reason == .expired
            guard isDue || (bytes > limit.bytes && kept.bytes > 0) else { continue }
            removals.append(Removal(kept: kept, reason: reason))
            bytes -= kept.bytes
        }
        return GarbageCollectionPlan(removals: removals, bytesBefore: household.bytes, limit: limit.bytes)
    }

    private static func ordered(
        _ free: [Kept], claims: RetentionRoots, expiry: Date
    ) -> [(kept: Kept, reason: Reason)] {
        let ranked = free.map { kept in (kept: kept, rank: rank(of: kept, claims: claims, expiry: expiry)) }
        let sorted = ranked.sorted { left, right in
            let ages = (left.kept.lastUsedAt ?? .distantPast, right.kept.lastUsedAt ?? .distantPast)
            if left.rank != right.rank { return left.rank < right.rank }
            return ages.0 == ages.1 ? left.kept.belonging < right.kept.belonging : ages.0 < ages.1
        }
        return sorted.map { ($0.kept, reason(of: $0.rank)) }
    }

    /// 0 leftovers, 1 logs that are due, 2 what serves nothing, 3 what can be made again, 4 what cannot.
    private static func rank(of kept: Kept, claims: RetentionRoots, expiry: Date) -> Int {
        if claims.isForeign(kept.belonging) { return 2 }
        switch kept.belonging {
        case .leftover: return 0
        case .prefix, .mirror, .compilerCache: return 3
        case .log:
            guard let endedAt = kept.lastUsedAt else { return 0 }
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
