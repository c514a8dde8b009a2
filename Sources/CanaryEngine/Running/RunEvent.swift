// SPDX-License-Identifier: Apache-2.0

package import CanaryHistory
package import CanaryModel
package import Foundation

/// What happens in a run, for those who watch.
package enum RunEvent: Sendable {
    /// The run has its id and begins to look for heads.
    case began(run: String, projects: Int)
    /// The heads are known, and the first plan is made.
    case planned(Plan)
    /// An attempt began; `expected` seconds are learned from past passes.
    case attemptStarted(RunningAttempt)
    /// An attempt entered a stage.
    case stageStarted(attempt: String, Stage)
    /// An attempt ended.
    case attemptFinished(attempt: String, Outcome, seconds: Double)
    /// A job is decided without an attempt of this run.
    case decided(PlannedJob)
    /// Infrastructure failed this many builds and resolutions; they are tried once more.
    case retrying(Int)
    /// The verdict of a job changed.
    case moved(Transition)
    /// The run is recorded.
    case ended(run: String)
}

/// An attempt under way.
package struct RunningAttempt: Hashable, Sendable {
    /// Its id.
    package let attempt: String
    /// The project.
    package let project: String
    /// The variant.
    package let variant: String
    /// The jobs it decides.
    package let jobs: [JobID]
    /// Why it is made.
    package let purpose: AttemptPurpose
    /// Why the build is made.
    package let reason: DecisionReason
    /// When it began.
    package let startedAt: Date
    /// Seconds it is expected to take, where that is known.
    package let expected: Double?
}
