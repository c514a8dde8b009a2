// SPDX-License-Identifier: Apache-2.0

import CanaryFiles
import CanaryHistory
import CanaryJudge
import CanaryModel
import CanaryRunner
import CanaryText
import Foundation

/// The checks of the database, of what it says about the state folder, and of notices.
struct RecordChecks {
    let stack: Stack?
    let state: StateFolder
    let now: Date

    /// How many failed attempts of a delivery are reported.
    private static let manyAttempts = 3
    private static let week: TimeInterval = 7 * 86400

    /// The checks, and the time of the newest record.
    func run() async -> (checks: [HealthCheck], newest: Date?) {
        do throws(HistoryError) {
            guard try HistoryFile.exists(state.database) else {
                return ([.ok("database", "none yet")], nil)
            }
            let found = try await HistoryFile.examine(state.database)
            let check = database(found)
            guard check.level != .error, found.age == .current else { return ([check], found.newestRow) }
            return ([check] + (try await recorded()), found.newestRow)
        } catch {
            return ([HealthCheck("database", .error, error.text, hint: error.hint)], nil)
        }
    }

    private func database(_ found: HistoryFile.Examination) -> HealthCheck {
        if let stack, stack.name != found.stack {
            return HealthCheck(
                "database", .error, "it belongs to the stack `\(found.stack)`, not to `\(stack.name)`",
                hint: "give each stack a state folder of its own with `--state`")
        }
        if found.age == .newer {
            return HealthCheck("database", .error, "a newer canary wrote it", hint: "use that version")
        }
        if let problem = found.problems.first {
            let more = found.problems.count > 1 ? ", and more" : ""
            return HealthCheck(
                "database", .error, "damaged: \(problem)\(more)",
                hint: "`canary restore FILE --force` replaces it with a backup")
        }
        let runs = "\(found.runs) run\(found.runs == 1 ? "" : "s")"
        if found.age == .older {
            return HealthCheck(
                "database", .warning, "sound, \(runs), of an older canary", hint: "the next run migrates it")
        }
        return .ok("database", "sound, \(runs)")
    }

    private func recorded() async throws(HistoryError) -> [HealthCheck] {
        guard let history = try History.openForReading(path: state.database, stack: stack?.name) else {
            return [.ok("order", "nothing recorded")]
        }
        return [try await order(history), try await notices(history)]
    }

    /// Which process holds the folder, or whether folder and record agree if none does.
    private func order(_ history: HistoryReader) async throws(HistoryError) -> HealthCheck {
        if let holder = StateLock.holder(of: state) { return .ok("order", "in use by \(holder)") }
        let open = try await history.builds.runningAttempts()
        let recorded = try await history.builds.storedPrefixes()
        let onDisk = Set(PrefixStore(state: state).stored().map(\.key))
        let left = Workspace(state: state).leftovers(keeping: [])
        let died = Set(open.map(\.id))
        let counts = [
            (open.count, "attempt of a dead process", "attempts of a dead process"),
            (left.count { !died.contains($0) }, "attempt folder", "attempt folders"),
            (onDisk.subtracting(recorded).count, "incomplete prefix", "incomplete prefixes"),
            (recorded.subtracting(onDisk).count, "prefix missing on disk", "prefixes missing on disk"),
        ]
        let leftovers = counts.filter { $0.0 > 0 }.map { "\($0.0) \($0.0 == 1 ? $0.1 : $0.2)" }
        guard leftovers.isEmpty else {
            return HealthCheck(
                "order", .warning, "left over: \(leftovers.joined(separator: ", "))",
                hint: "the next `canary run` or `canary gc` cleans it up")
        }
        return .ok("order", "no canary is running here, nothing to clean up")
    }

    /// Whether a notice was not delivered: batches that keep failing, and those given up within a week.
    private func notices(_ history: HistoryReader) async throws(HistoryError) -> HealthCheck {
        let stuck = try await history.notices.stuckBatches(
            attempts: Self.manyAttempts, givenUpSince: now.addingTimeInterval(-Self.week))
        let lost = stuck.filter { $0.state == .givenUp }
        guard let worst = lost.last ?? stuck.first else { return .ok("notices", "nothing is stuck") }
        let count = (lost.isEmpty ? stuck : lost).map(\.notices.count).reduce(0, +)
        let notices = count == 1 ? "1 notice" : "\(count) notices"
        let tries = worst.attempts == 1 ? "1 try" : "\(worst.attempts) tries"
        return HealthCheck(
            "notices", lost.isEmpty ? .warning : .error,
            "\(notices) \(lost.isEmpty ? "waiting" : "given up within a week"); `\(worst.receiver)`, after \(tries): "
                + (worst.lastError ?? ""),
            hint: "correct the receiver in `stack.yaml`, or its secret; `docs/notices.md` explains how to test it")
    }
}
