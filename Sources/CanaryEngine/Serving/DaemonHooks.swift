// SPDX-License-Identifier: Apache-2.0

package import CanaryHistory
package import Foundation

/// What the daemon's day holds beside runs: each is called while nothing else drives the state folder.
package struct DaemonHooks: Sendable {
    /// After each run that ended: judged ones may send notices and begin searches.
    ///
    /// Ends soon after `stop` is raised.
    package var afterRun: @Sendable (_ run: RunRecord, _ stop: StopSignal) async throws -> Void = { _, _ in }
    /// When the digest is due.
    package var digest: @Sendable (_ at: Date, _ stop: StopSignal) async throws -> Void = { _, _ in }
    /// What happens in runs, for those who watch.
    package var event: @Sendable (RunEvent) -> Void = { _ in }
    /// A line for the journal.
    package var say: @Sendable (String) -> Void = { _ in }

    /// Makes hooks that do nothing.
    package init() {}
}
