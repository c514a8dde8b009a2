// SPDX-License-Identifier: Apache-2.0

/// What the daemon's day holds beside runs: each is called while nothing else drives the state folder.
package struct DaemonHooks: Sendable {
    /// When there may be something to tell: after each run, and when the digest is due.
    package var post: @Sendable () -> Void = {}
    /// What happens in runs, for those who watch.
    package var event: @Sendable (RunEvent) -> Void = { _ in }
    /// A line for the journal.
    package var say: @Sendable (String) -> Void = { _ in }

    /// Makes hooks that do nothing.
    package init() {}
}
