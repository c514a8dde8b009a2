// SPDX-License-Identifier: Apache-2.0

/// How an attempt ended, before its log is diagnosed.
package struct AttemptEnd: Hashable, Codable, Sendable {
    /// Why an attempt ended.
    package enum Cause: Hashable, Codable, Sendable {
        /// All stages exited with 0.
        case completed
        /// A stage did not exit with 0.
        case stageFailed(Stage, ExitStatus)
        /// A limit of time or memory was reached in a stage.
        case limit(ReasonCode, Stage)
        /// It was cancelled.
        case cancelled(Stage?)
        /// The backend could not continue: the reason, and its own message.
        case infrastructure(ReasonCode, Stage, detail: String)
    }

    /// Why it ended.
    package let cause: Cause
    /// The stages that ran, in order.
    package let stages: [StageRun]
    /// The number of bytes printed, including those left out of the log.
    package let logBytes: Int
    /// What the machine says about it; nil when it was not asked.
    package let machine: MachineState?

    /// Makes the end of an attempt.
    package init(cause: Cause, stages: [StageRun], logBytes: Int, machine: MachineState? = nil) {
        self.cause = cause
        self.stages = stages
        self.logBytes = logBytes
        self.machine = machine
    }
}
