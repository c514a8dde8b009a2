// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CanaryEngine
import CanaryFiles
import CanaryHistory
import CanaryModel
import CanaryRunner
import CanaryText
import Foundation

/// `canary gc`.
struct GcCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gc", abstract: "Remove what is no longer needed from the state folder.",
        discussion: """
            Removes logs older than `keep: {logs: ...}`. While the folder is larger than `limits: {store: ...}`, it also \
            removes mirrors and compiler caches of projects and variants that are no longer in the stack, then the prefixes \
            and compiler caches that have been unused longest, then logs. It never removes a result, the prefixes that a \
            last known good, an open episode or the newest run needs, or the logs of an open episode. Fragmented mirrors are \
            repacked, and what builds offered that are no longer needed is removed from history.

            Everything removed can be restored: prefixes are built again and mirrors fetched again when needed. `gc` can be \
            killed at any moment; the next `run` or `gc` finishes its work.

            \(ExitCode.table)
            """)

    @Flag(name: .long, help: "Report what would be removed, and remove nothing.")
    var dryRun = false

    @OptionGroup var stateLock: StateLockOptions
    @OptionGroup var common: CommonOptions

    func run() async throws {
        let stack = try common.loadStack(showingWarnings: false)
        let state = common.stateFolder
        guard try HistoryFile.exists(state.database) else {
            if !common.quiet { Console.note("`\(state.path)` holds no history yet") }
            return try report(GarbageCollectionPlan.none(limit: stack.limits.store), failed: [])
        }
        if dryRun {
            guard let history = try History.openForReading(path: state.database, stack: stack.name) else { return }
            let collector = GarbageCollector(stack: stack, state: state, history: history, now: Date())
            return try report(try await collector.decide(), failed: [])
        }
        let (plan, failed) = try await stateLock.interruptible { stop in
            let session = try await StateSession.open(
                stack: stack, verb: "gc", options: stateLock, stop: stop, common: common, builds: false)
            let collector = GarbageCollector(stack: stack, state: state, history: session.history.reader, now: Date())
            let recorder = session.history.recorder.retention
            await collector.tidy(recorder)
            let plan = try await collector.decide()
            return (plan, try await collector.carryOut(plan, recorder: recorder, stop: stop))
        }
        try report(plan, failed: failed)
        guard failed.isEmpty else { throw ExitCode.infrastructure }
    }

    private func report(_ plan: GarbageCollectionPlan, failed: [InventoryEntry]) throws {
        if common.json {
            return Console.result(try GcDocument(plan, failed: failed, isDry: dryRun).json())
        }
        for removal in plan.removals where common.verbose {
            let bytes = removal.entry.bytes.sizeText
            Console.result("\(removal.reason.rawValue)  \(removal.entry.item.path)  \(bytes)")
        }
        let failedBytes = failed.reduce(0) { $0 + $1.bytes }
        let sums = Self.sums(plan.removals.map(\.entry).filter { !failed.contains($0) })
        let verb = dryRun ? "would free" : "freed"
        Console.result(
            sums.isEmpty ? "nothing to remove" : "\(verb) \((plan.freed - failedBytes).sizeText): \(sums)")
        for entry in failed { Console.error("`\(entry.item.path)` cannot be removed") }
        let left = (plan.bytesAfter + failedBytes).sizeText
        let store = ByteSize(bytes: plan.limit)
        Console.result("the folder \(dryRun ? "would take" : "takes") \(left) of `store: \(store)`")
        if !plan.isWithinLimit {
            Console.note("everything left is still needed\nhint: raise `limits: {store: ...}` in `stack.yaml`")
        }
    }

    /// `3 prefixes (1.2 GiB), 1 log (20.0 KiB)`.
    private static func sums(_ removed: [InventoryEntry]) -> String {
        let nouns = [
            ("prefix", "prefixes"), ("log", "logs"), ("mirror", "mirrors"), ("ccache", "ccache folders"),
            ("leftover", "leftovers"),
        ]
        return nouns.compactMap { one, many in
            let group = removed.filter { $0.item.kind == one }
            guard !group.isEmpty else { return nil }
            let bytes = group.reduce(0) { $0 + $1.bytes }.sizeText
            return "\(group.count.counting(one, plural: many)) (\(bytes))"
        }.joined(separator: ", ")
    }
}

/// `canary.gc/1`.
private struct GcDocument: Document {
    struct Entry: Encodable {
        let kind: String
        let path: String
        let bytes: Int
        let lastUsedAt: Nullable<Date>
        let reason: String
    }

    let schema = "canary.gc/1"
    let dryRun: Bool
    let limit: Int
    let bytesBefore: Int
    let bytesAfter: Int
    let freed: Int
    let withinLimit: Bool
    let removed: [Entry]
    let failed: [Entry]

    init(_ plan: GarbageCollectionPlan, failed: [InventoryEntry], isDry: Bool) {
        let failedBytes = failed.reduce(0) { $0 + $1.bytes }
        dryRun = isDry
        limit = plan.limit
        bytesBefore = plan.bytesBefore
        bytesAfter = plan.bytesAfter + failedBytes
        freed = plan.freed - failedBytes
        withinLimit = bytesAfter <= plan.limit
        removed = Self.entries(plan.removals.filter { !failed.contains($0.entry) })
        self.failed = Self.entries(plan.removals.filter { failed.contains($0.entry) })
    }

    private static func entries(_ removals: [GarbageCollectionPlan.Removal]) -> [Entry] {
        removals.map { removal in
            Entry(
                kind: removal.entry.item.kind, path: removal.entry.item.path, bytes: removal.entry.bytes,
                lastUsedAt: Nullable(removal.entry.lastUsedAt), reason: removal.reason.rawValue)
        }
    }
}
