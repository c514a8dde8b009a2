// SPDX-License-Identifier: Apache-2.0

package import CanaryFiles
package import CanaryHistory
import CanaryRunner
import CanaryText
package import Foundation

/// Puts a backup in the place of a history.
package struct Restoration: Sendable {
    private let file: String
    private let stack: String
    private let state: StateFolder

    /// What came of it.
    package struct Report: Hashable, Sendable {
        /// Where the history from before lies now; nil when there was none.
        package let kept: String?
        /// How many prefixes the backup believes in that were built anew since: they will be built again.
        package let forgotten: Int
    }

    /// Restores `file` as the history of `stack` in `state`.
    package init(file: String, stack: String, state: StateFolder) {
        self.file = file
        self.stack = stack
        self.state = state
    }

    /// Looks at the file.
    ///
    /// - Throws: `EngineError` `badRequest` when it is no sound history of this stack that this canary can read.
    package func examine() async throws(EngineError) -> HistoryFile.Examination {
        let found: HistoryFile.Examination
        do {
            found = try await HistoryFile.examine(file)
        } catch {
            let hint = "give a file that `canary backup` wrote"
            throw EngineError(.badRequest, error.text, hint: error.code == .notADatabase ? hint : error.hint)
        }
        guard found.age != .newer else {
            throw EngineError(.badRequest, "`\(file)` was written by a newer canary", hint: "restore it with that one")
        }
        guard found.stack == stack else {
            throw EngineError(
                .badRequest, "`\(file)` belongs to the stack `\(found.stack)`, not to `\(stack)`",
                hint: "name its manifests with `--stack`")
        }
        if let problem = found.problems.first {
            throw EngineError(.badRequest, "`\(file)` is damaged: \(problem)", hint: "restore another backup")
        }
        return found
    }

    /// Puts the file's content in place.
    ///
    /// Done at one instant: a kill before it leaves the history as it was. The next who drives closes what the backup
    /// shows as running, and brings folders and history together.
    ///
    /// - Parameters:
    ///   - lock: that of the state folder.
    ///   - overwriting: whether a history that is there may be replaced; it is kept beside.
    /// - Throws: `EngineError` `badRequest` when it may not, or belongs to another stack; `HistoryError`.
    package func carryOut(holding lock: DriverLock, overwriting: Bool, now: Date) async throws -> Report {
        let live = state.database
        if try HistoryFile.exists(live) {
            guard overwriting else {
                throw EngineError(
                    .badRequest, "the state folder `\(state.path)` holds a history already",
                    hint: "`--force` restores over it and keeps what is there beside it")
            }
            if let found = try? await HistoryFile.examine(live), found.stack != stack {
                throw EngineError(
                    .badRequest, "`\(live)` belongs to the stack `\(found.stack)`, not to `\(stack)`",
                    hint: "give each stack a state folder of its own with `--state`")
            }
        }
        let contents = StateContents(state: state)
        // A prefix that went and was built again since may hold another tree than the backup says.
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
