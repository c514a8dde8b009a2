// SPDX-License-Identifier: Apache-2.0

package import CanaryHistory
package import CanaryPages

/// Finds the logs of attempts; the layout of the state folder belongs to another module.
package struct AttemptLogs: Sendable {
    /// The path of an attempt's log, whether or not it exists; called only with ids that history knows.
    let path: @Sendable (_ attempt: String) -> String
    /// Where its stages begin in the log; empty while the attempt runs.
    let stageStarts: @Sendable (AttemptRecord) -> [LogFacts.StageStart]

    /// Creates it from the two lookups.
    package init(
        path: @escaping @Sendable (_ attempt: String) -> String,
        stageStarts: @escaping @Sendable (AttemptRecord) -> [LogFacts.StageStart]
    ) {
        self.path = path
        self.stageStarts = stageStarts
    }
}
