// SPDX-License-Identifier: Apache-2.0

package import CanaryFiles
package import CanaryHistory
import CanaryRunner
import CanaryText
package import Foundation

/// Replaces history with a backup.
package struct Restoration: Sendable {
    private let file: String
    private let stack: String
    private let state: StateFolder

    /// The result.
    package struct Report: Hashable, Sendable {
        /// The path of the old history; nil if there was none.
        package let kept: String?
        /// How many prefixes of the backup were rebuilt since; they will be built again.
        package let forgotten: Int
    }

    /// Restores `file` as the history of `stack` in `state`.
    package init(file: String, stack: String, state: StateFolder) {
        self.file = file
        self.stack = stack
        self.state = state
    }

    /// Verifies the file.
    ///
    /// - Throws: `EngineError` `badRequest` if it is not an intact history of this stack that this canary can read.
    package func examine() async throws(EngineError) -> HistoryFile.Examination {
        let found: HistoryFile.Examination
        do {
            found = try await HistoryFile.examine(file)
        } catch {
            let hint = "give a file that `canary backup` wrote"
            throw EngineError(.badRequest, error.text, hint: error.code == .notADatabase ? hint : error.hint)
        }
        guard found.age != .newer else {
            throw EngineError(
                .badRequest, "`\(file)` was written by a newer canary", hint: "restore it with that version")
        }
        guard found.stack == stack else {
            throw EngineError(
                .badRequest, "`\(file)` belongs to the stack `\(found.stack)`, not to `\(stack)`",
                hint: "use `--stack` to choose its manifests")
        }
        if let problem = found.problems.first {
            throw EngineError(.badRequest, "`\(file)` is damaged: \(problem)", hint: "restore another backup")
        }
        return found
    }

    /// Replaces history with the file's content.
    ///
    /// The replacement is atomic: a kill before it leaves the history as it was. The next run closes what the backup
    /// shows as running, and makes folders and history agree.
    ///
    /// - Parameters:
    ///   - lock: the lock of the state folder.
    ///   - overwriting: whether an existing history may be replaced; the old one is kept next to it.
    /// - Throws: `EngineError` `badRequest` if it may not be, or belongs to another stack; `HistoryError`.
    package func carryOut(holding lock: StateLock, overwriting: Bool, now: Date) async throws -> Report {
        let live = state.database
        if try HistoryFile.exists(live) {
            guard overwriting else {
                throw EngineError(
                    .badRequest, "the state folder `\(state.path)` already has a history",
                    hint: "`--force` replaces it and keeps the old one next to it")
            }
            if let found = try? await HistoryFile.examine(live), found.stack != stack {
                throw EngineError(
                    .badRequest, "`\(live)` belongs to the stack `\(found.stack)`, not to `\(stack)`",
                    hint: "give each stack a state folder of its own with `--state`")
            }
        }
        let contents = StateContents(state: state)
        // A prefix that was rebuilt since may contain another tree than the backup records.
        let forgotten = try await HistoryFile.prepare(file, for: live, now: now) { project, key, since in
            contents.isNewer(project: project, key: key, than: since)
        }
        let aside = "\(live).before-\(Self.stamp(now))"
        let isKept = try await HistoryFile.replace(at: live, keeping: aside)
        return Report(kept: isKept ? aside : nil, forgotten: forgotten)
    }

    /// `20261121T193005.123Z`.
    private static func stamp(_ date: Date) -> String {
        date.rfc3339.filter { $0 != "-" && $0 != ":" }
    }
}
