// SPDX-License-Identifier: Apache-2.0

package import CanaryEngine

/// What the daemon calls besides its runs; nothing else uses the state folder during a call.
package struct DaemonHooks: Sendable {
    /// Called when there may be notices to send: after each run, and when the digest is due.
    package var post: @Sendable () -> Void = {}
    /// Called for each event of a run.
    package var event: @Sendable (RunEvent) -> Void = { _ in }
    /// Called with each line for the log.
    package var say: @Sendable (String) -> Void = { _ in }

    /// Makes hooks that do nothing.
    package init() {}
}
