// SPDX-License-Identifier: Apache-2.0

package import CanaryHistory
package import CanaryModel

/// Where the logs of attempts lie; the state folder is another room's.
package struct AttemptLogs: Sendable {
    /// Where a stage begins in a finished log.
    package struct Mark: Hashable, Sendable {
        /// The byte it begins at.
        package let offset: Int
        /// The stage.
        package let stage: Stage

        /// Marks the beginning of a stage.
        package init(offset: Int, stage: Stage) {
            self.offset = offset
            self.stage = stage
        }
    }

    /// The path of an attempt's log, whether or not there is one; asked only with ids that history knows.
    let path: @Sendable (_ attempt: String) -> String
    /// Where its stages begin; empty while it runs.
    let marks: @Sendable (AttemptRecord) -> [Mark]

    /// Says where logs are.
    package init(
        path: @escaping @Sendable (_ attempt: String) -> String, marks: @escaping @Sendable (AttemptRecord) -> [Mark]
    ) {
        self.path = path
        self.marks = marks
    }
}
