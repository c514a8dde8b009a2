// SPDX-License-Identifier: Apache-2.0

/// How an attempt ended, before anyone judged it.
package struct AttemptEnd: Hashable, Codable, Sendable {
    /// What ended it.
    package enum Cause: Hashable, Codable, Sendable {
        /// All stages returned 0.
        case completed
        /// A stage did not return 0.
        case stageFailed(Stage, ExitStatus)
        /// A limit of time or memory was reached in a stage.
        case limit(ReasonCode, Stage)
        /// We were asked to.
        case cancelled(Stage?)
        /// The backend could not go on: why, and what it said.
        case infrastructure(ReasonCode, Stage, detail: String)
    }

    /// What ended it.
    package let cause: Cause
    /// The stages that ran, in order.
    package let stages: [StageRun]
    /// Bytes printed, those left out of the log included.
    package let logBytes: Int

    /// Makes the end of an attempt.
    package init(cause: Cause, stages: [StageRun], logBytes: Int) {
        self.cause = cause
        self.stages = stages
        self.logBytes = logBytes
    }
}
