// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import CanaryText
import Foundation
import Simulation
import Testing

@Suite("GarbageCollectionPlan") struct GarbageCollectionPlanTests {
    private static let now = Date(timeIntervalSince1970: 1_800_000_000)
    private static let roots = RetentionRoots(keys: ["good"], attempts: ["evidence"], variants: ["imath": ["v"]])

    private func entry(_ item: StateItem, _ bytes: Int, days: Double?) -> InventoryEntry {
        InventoryEntry(item, bytes: bytes, lastUsedAt: days.map { Self.now - $0 * 86400 })
    }

    private func prefix(_ key: String, _ bytes: Int = 10, days: Double) -> InventoryEntry {
        entry(.prefix(project: "imath", key: key), bytes, days: days)
    }

    private func log(_ attempt: String, _ bytes: Int = 10, days: Double?) -> InventoryEntry {
        entry(.log(attempt: attempt), bytes, days: days)
    }

    private func decide(_ entries: [InventoryEntry], limit: Int, other: Int = 0) -> GarbageCollectionPlan {
        GarbageCollectionPlan.decide(
            StateInventory(entries: entries, otherBytes: other), roots: Self.roots, limit: ByteSize(bytes: limit),
            keepLogs: .days(90),
            now: Self.now)
    }

    private func names(_ plan: GarbageCollectionPlan) -> [String] {
        plan.removals.map { "\($0.reason.rawValue) \($0.entry.item)" }
    }

    @Test func `nothing is removed from a folder within its limit`() {
        let plan = decide([prefix("old", days: 400), log("a1", days: 89)], limit: 20)
        #expect(plan.removals.isEmpty && plan.isWithinLimit && plan.bytesAfter == 20)
    }

    @Test func `the prefix unused longest is removed first, and only until the limit is met`() {
        let plan = decide([prefix("new", days: 1), prefix("old", days: 3), prefix("mid", days: 2)], limit: 15)
        #expect(names(plan) == ["unused prefix prefixes/imath/old", "unused prefix prefixes/imath/mid"])
        #expect(plan.freed == 20 && plan.bytesAfter == 10)
    }

    @Test func `what is still needed stays, and the plan reports that the limit is missed`() {
        let plan = decide([prefix("good", days: 400), log("evidence", days: 400)], limit: 5)
        #expect(plan.removals.isEmpty && !plan.isWithinLimit)
    }

    @Test func `old logs and leftovers are always removed`() {
        let found = [
            log("a1", days: 90), log("a2", days: 89.9), log("a3", days: nil),
            entry(.leftover(path: "mirrors/imath.git.old-1"), 7, days: 0), log("evidence", days: 91),
        ]
        #expect(
            names(decide(found, limit: 1000)) == [
                "leftover log attempts/a3", "leftover leftover mirrors/imath.git.old-1", "expired log attempts/a1",
            ])
    }

    @Test func `over the limit, items of no project are removed first and recent logs last`() {
        let found = [
            log("a1", days: 80), prefix("old", days: 30), entry(.mirror(project: "gone"), 10, days: 1),
            entry(.mirror(project: "imath"), 10, days: 500),
            entry(.compilerCache(project: "imath", variant: "v"), 10, days: 40),
            entry(.compilerCache(project: "imath", variant: "past"), 10, days: 2),
        ]
        #expect(
            names(decide(found, limit: 10)) == [
                "foreign ccache ccache/imath/past", "foreign mirror mirrors/gone.git", "unused ccache ccache/imath/v",
                "unused prefix prefixes/imath/old", "unused log attempts/a1",
            ])
        #expect(names(decide(found, limit: 50)) == ["foreign ccache ccache/imath/past"])
    }

    @Test func `the size of everything else counts`() {
        #expect(names(decide([prefix("old", days: 1)], limit: 100, other: 95)) == ["unused prefix prefixes/imath/old"])
        #expect(decide([], limit: 100, other: 101).isWithinLimit == false)
    }

    // MARK: - In general

    private struct Scenario {
        let inventory: StateInventory
        let roots: RetentionRoots
        let limit: Int

        init(_ random: inout SplitMix64) {
            let projects = ["a", "b", "c"]
            var entries: [InventoryEntry] = []
            for number in 0..<Int.random(in: 0...40, using: &random) {
                let project = projects.pick(&random)
                let item: StateItem =
                    switch Int.random(in: 0..<5, using: &random) {
                    case 0, 1: .prefix(project: project, key: "k\(number)")
                    case 2: .log(attempt: "a\(number)")
                    case 3: .compilerCache(project: project, variant: "v\(number)")
                    default: random.chance(50) ? .mirror(project: project) : .leftover(path: "x\(number)")
                    }
                guard !entries.contains(where: { $0.item == item }) else { continue }
                let day = Double(Int.random(in: 0...120, using: &random))
                entries.append(
                    InventoryEntry(
                        item, bytes: Int.random(in: 0...100, using: &random),
                        lastUsedAt: random.chance(5) ? nil : GarbageCollectionPlanTests.now - day * 86400))
            }
            inventory = StateInventory(entries: entries, otherBytes: Int.random(in: 0...200, using: &random))
            roots = RetentionRoots(
                keys: Set((0..<40).filter { _ in random.chance(30) }.map { "k\($0)" }),
                attempts: Set((0..<40).filter { _ in random.chance(10) }.map { "a\($0)" }),
                variants: ["a": ["v1", "v2", "v3"], "b": []])
            limit = Int.random(in: 0...2500, using: &random)
        }

        func decide(_ inventory: StateInventory? = nil) -> GarbageCollectionPlan {
            GarbageCollectionPlan.decide(
                inventory ?? self.inventory, roots: roots, limit: ByteSize(bytes: limit), keepLogs: .days(90),
                now: GarbageCollectionPlanTests.now)
        }
    }

    @Test(arguments: Array(UInt64(1)...200))
    func `nothing needed is removed, nor more than necessary, and the limit is met where possible`(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let scenario = Scenario(&random)
        let plan = scenario.decide()
        let gone = Set(plan.removals.map(\.entry))
        #expect(gone.count == plan.removals.count && gone.isSubset(of: Set(scenario.inventory.entries)))
        #expect(!gone.contains { scenario.roots.retains($0.item) }, "seed \(seed): something needed is removed")
        let left = scenario.inventory.entries.filter { !gone.contains($0) }
        #expect(
            plan.isWithinLimit || left.allSatisfy { scenario.roots.retains($0.item) || $0.bytes == 0 },
            "seed \(seed): the limit is missed although something could be removed")
        let last = plan.removals.last { $0.reason == .foreign || $0.reason == .unused }
        if let last {
            #expect(plan.bytesAfter + last.entry.bytes > scenario.limit, "seed \(seed): more is removed than necessary")
        }
        let due = left.filter { entry in
            guard case .log = entry.item, let endedAt = entry.lastUsedAt else { return false }
            return endedAt <= Self.now - 90 * 86400 && !scenario.roots.retains(entry.item)
        }
        #expect(due.isEmpty, "seed \(seed): an expired log stays")
    }

    @Test(arguments: Array(UInt64(1)...50))
    func `the order of the inventory does not matter, and a second plan removes nothing`(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let scenario = Scenario(&random)
        let plan = scenario.decide()
        var shuffled = scenario.inventory
        shuffled.entries.shuffle(using: &random)
        #expect(scenario.decide(shuffled) == plan, "seed \(seed)")
        var after = scenario.inventory
        let gone = Set(plan.removals.map(\.entry))
        after.entries.removeAll { gone.contains($0) }
        #expect(after.bytes == plan.bytesAfter && scenario.decide(after).removals.isEmpty, "seed \(seed)")
        // A gc that was killed after some of its removals continues where it stopped.
        var interrupted = scenario.inventory
        let done = Set(plan.removals.prefix(plan.removals.count / 2).map(\.entry))
        interrupted.entries.removeAll { done.contains($0) }
        #expect(Set(scenario.decide(interrupted).removals) == Set(plan.removals.filter { !done.contains($0.entry) }))
    }
}
