// SPDX-License-Identifier: Apache-2.0

package import CanaryHistory
package import CanaryModel
package import Foundation

/// The progress of a run.
package enum RunEvent: Sendable {
    /// The run has its id and starts to resolve branch heads.
    case began(run: String, projects: Int)
    /// The heads are resolved, and the first plan is made.
    case planned(Plan)
    /// An attempt started.
    case attemptStarted(RunningAttempt)
    /// An attempt entered a stage.
    case stageStarted(attempt: String, Stage)
    /// An attempt ended.
    case attemptFinished(attempt: String, Outcome, seconds: Double)
    /// A job was decided without an attempt in this run.
    case decided(PlannedJob)
    /// This many builds and resolutions failed for infrastructure reasons and are retried once.
    case retrying(Int)
    /// The verdict of a job changed.
    case moved(Transition)
    /// The run is recorded.
    case ended(run: String)
}

/// An attempt in progress.
package struct RunningAttempt: Hashable, Sendable {
    /// Its id.
    package let attempt: String
    /// The project.
    package let project: String
    /// The variant.
    package let variant: String
    /// The jobs it decides.
    package let jobs: [JobID]
    /// Its purpose.
    package let purpose: AttemptPurpose
    /// Why the build is needed.
    package let reason: DecisionReason
    /// When it started.
    package let startedAt: Date
    /// The seconds it is expected to take, learned from past passes; nil if there are none.
    package let expected: Double?
}
