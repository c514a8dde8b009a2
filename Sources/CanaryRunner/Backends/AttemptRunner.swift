// SPDX-License-Identifier: Apache-2.0

package import CanaryModel
package import Foundation

/// Something that makes attempts: processes, containers.
///
/// The caller has put the source into the attempt's folder and made the folders around it; inspection and storage of
/// what was installed are the caller's too. One order is one place, and all stages run there. Delivery is at least
/// once: after a restart of ours an attempt's end may be told again, and whoever records it must accept it once.
package protocol AttemptRunner: Sendable {
    /// Begins the attempt and returns when it runs. Call once per attempt.
    ///
    /// - Throws: `RunnerFailure` when nothing was started; nothing is left behind then.
    func start(_ order: WorkOrder) async throws

    /// What happens to a started or adopted attempt, from now on; ends behind `finished`. One listener an attempt.
    func events(of attempt: String) -> AsyncStream<AttemptEvent>

    /// Ends the attempt with all its processes; its events end with `finished`. Without effect on an unknown attempt.
    func cancel(_ attempt: String) async

    /// Takes over an attempt that an earlier process of ours had started; false when there is nothing to take over.
    func adopt(_ attempt: String) async -> Bool

    /// Ends and removes all that earlier processes of ours left running, but for the attempts named.
    func sweep(keeping attempts: Set<String>) async
}

/// What happens to an attempt.
package enum AttemptEvent: Hashable, Sendable {
    /// A stage began.
    case stageStarted(Stage, at: Date)
    /// A stage ended.
    case stageEnded(StageRun)
    /// The attempt ended; nothing of it runs any more and its log is whole.
    case finished(AttemptEnd)
}

/// Why an attempt could not be started.
package struct RunnerFailure: Error, Hashable, CustomStringConvertible {
    /// The reason the attempt ends with.
    package let reason: ReasonCode
    /// What the backend said.
    package let detail: String

    /// Makes a failure.
    package init(reason: ReasonCode, detail: String) {
        self.reason = reason
        self.detail = detail
    }

    package var description: String { "\(reason.sentence): \(detail)" }
}
