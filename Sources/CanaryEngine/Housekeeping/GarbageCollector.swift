// SPDX-License-Identifier: Apache-2.0

package import CanaryFiles
import CanaryGit
package import CanaryHistory
package import CanaryModel
import CanaryRunner
import CanaryText
package import Foundation

/// Removes what is no longer needed from a state folder.
package struct GarbageCollector: Sendable {
    private let stack: Stack
    private let history: HistoryReader
    private let contents: StateContents
    private let packs: MirrorPacks
    private let now: Date

    /// Makes a collector for `state`, the state folder of `stack`.
    package init(stack: Stack, state: StateFolder, history: HistoryReader, now: Date) {
        self.stack = stack
        self.history = history
        self.now = now
        contents = StateContents(state: state)
        packs = MirrorPacks(state: state, git: Git())
    }

    /// Repacks fragmented mirrors, and frees unused space in the database.
    package func tidy(_ recorder: RetentionRecorder) async {
        _ = await packs.repack()
        await recorder.compact()
    }

    /// Plans what to remove; removes nothing.
    package func decide() async throws(HistoryError) -> GarbageCollectionPlan {
        var (found, otherBytes) = contents.survey(now: now)
        let attempts = found.compactMap { found in
            if case .log(let attempt) = found.item { attempt } else { nil }
        }
        let holdings = try await history.retention.records(of: stack.jobs, attempts: attempts)
        let uses = Dictionary(uniqueKeysWithValues: holdings.prefixes.map { ($0.key, $0.lastUsedAt) })
        var entries: [InventoryEntry] = []
        for found in found {
            switch found.item {
            case .prefix(_, let key) where uses[key] == nil:
                // Incomplete or half removed: the next run cleans it up.
                otherBytes += found.use.bytes
            case .prefix(_, let key):
                entries.append(InventoryEntry(found.item, bytes: found.use.bytes, lastUsedAt: uses[key]))
            case .log(let attempt):
                let endedAt = holdings.attemptEnds[attempt].flatMap(\.self)
                entries.append(InventoryEntry(found.item, bytes: found.use.bytes, lastUsedAt: endedAt))
            case .mirror, .compilerCache, .leftover:
                entries.append(InventoryEntry(found.item, bytes: found.use.bytes, lastUsedAt: found.use.writtenAt))
            }
        }
        return GarbageCollectionPlan.decide(
            StateInventory(entries: entries, otherBytes: otherBytes), roots: roots(holdings), limit: stack.limits.store,
            keepLogs: stack.operation.keepLogs, now: now)
    }

    private func roots(_ holdings: RetentionRecords) -> RetentionRoots {
        let closure = DependencyClosure(holdings.builds)
        let running = holdings.attemptEnds.filter { $0.value == nil }.keys
        return RetentionRoots(
            keys: holdings.wanted.reduce(into: []) { $0.formUnion(closure.keys(of: $1)) },
            attempts: holdings.evidence.union(running),
            variants: Dictionary(uniqueKeysWithValues: stack.graph.projects.map { ($0.name, Set($0.builds.keys)) }))
    }

    /// Removes what `plan` lists, and surfaces and test results that nothing needs; the caller holds the lock of the state folder.
    ///
    /// History is updated first, so that a kill leaves nothing that is recorded but half removed.
    ///
    /// - Returns: what could not be removed.
    /// - Throws: `HistoryError`; `EngineError` `interrupted` when `stop` is raised: the next run removes the rest.
    package func carryOut(
        _ plan: GarbageCollectionPlan, recorder: RetentionRecorder, stop: StopSignal
    ) async throws -> [InventoryEntry] {
        var keys: [String] = []
        var attempts: [String] = []
        for removal in plan.removals {
            if case .prefix(_, let key) = removal.entry.item { keys.append(key) }
            if case .log(let attempt) = removal.entry.item { attempts.append(attempt) }
        }
        if !keys.isEmpty { try await recorder.forgetPrefixes(keys) }
        if !attempts.isEmpty { try await recorder.forgetLogs(attempts) }
        var failed: [InventoryEntry] = []
        for removal in plan.removals {
            try EngineError.throwIfStopped(stop)
            if !contents.remove(removal.entry.item) { failed.append(removal.entry) }
        }
        try await forgetDetails(recorder, stop: stop)
        await recorder.compact()
        return failed
    }

    /// Removes the surfaces that nothing needs from history, which holds them longer than the prefixes they describe,
    /// and what the tests of builds ended with that nothing needs, as old as logs may get.
    private func forgetDetails(_ recorder: RetentionRecorder, stop: StopSignal) async throws {
        let needed = roots(try await history.retention.records(of: stack.jobs, attempts: [])).keys
        let trees = try await history.retention.unneededSurfaces(keeping: needed)
        try await recorder.forgetSurfaces(of: trees) { stop.isRaised }
        let old = now.addingTimeInterval(-TimeInterval(stack.operation.keepLogs.seconds))
        let attempts = try await history.retention.unneededTests(keeping: needed, endedBefore: old)
        try await recorder.forgetTests(of: attempts) { stop.isRaised }
    }
}
