// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import Synchronization

/// Where the stages of one attempt run: processes of this machine, or one container.
protocol StageHost: Sendable {
    /// Prepares it; called once, before everything else.
    ///
    /// - Returns: the failure, or nil.
    func open() async -> RunnerFailure?

    /// Runs a stage until it ends; when the task is cancelled, the stage is asked to end, and later killed.
    func run(_ script: StageScript) async -> StageEnd

    /// Ends and removes everything; called once, at the end, even if the task was cancelled.
    func close() async
}

/// How a stage ended.
enum StageEnd: Sendable {
    case exit(ExitStatus)
    case limit(ReasonCode)
    case cancelled
    case lost(RunnerFailure)

    /// The exit status of a stage that ended by itself.
    var status: ExitStatus? {
        if case .exit(let status) = self { status } else { nil }
    }

    /// The end of the attempt that follows from this end of `stage`; nil if the attempt goes on.
    func cause(in stage: Stage) -> AttemptEnd.Cause? {
        switch self {
        case .exit(.code(0)): nil
        case .exit(let status): .stageFailed(stage, status)
        case .limit(let reason): .limit(reason, stage)
        case .cancelled: .cancelled(stage)
        case .lost(let failure): .infrastructure(failure.reason, stage, detail: failure.detail)
        }
    }
}

/// When an attempt last printed something.
final class OutputClock: Sendable {
    private let touched = Mutex(ContinuousClock.now)

    /// The time of the last output.
    var last: ContinuousClock.Instant { touched.withLock { $0 } }

    /// Notes output now.
    func touch() { touched.withLock { $0 = .now } }
}
