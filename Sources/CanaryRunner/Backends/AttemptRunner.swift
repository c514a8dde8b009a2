// SPDX-License-Identifier: Apache-2.0

package import CanaryModel
package import Foundation

/// Runs attempts: as processes or in containers.
///
/// The caller puts the source into the attempt's folder and creates the folders around it, and inspects and stores what
/// was installed. All stages of an order run in one process environment or container. Delivery is at least once: after a
/// restart, the end of an attempt may be reported again, and the caller must record it once.
package protocol AttemptRunner: Sendable {
    /// Starts the attempt and returns when it runs; call it once for each attempt.
    ///
    /// - Throws: `RunnerFailure` if nothing was started; then nothing is left behind.
    func start(_ order: WorkOrder) async throws

    /// The events of a started or adopted attempt, which end with `finished`; one listener for each attempt.
    func events(of attempt: String) -> AsyncStream<AttemptEvent>

    /// Ends the attempt with all its processes; its events end with `finished`. Does nothing for an unknown attempt.
    func cancel(_ attempt: String) async

    /// Takes over an attempt that an earlier canary process started; returns false if there is nothing to take over.
    func adopt(_ attempt: String) async -> Bool

    /// Ends and removes what earlier canary processes left running, except the attempts in `kept`.
    func sweep(keeping attempts: Set<String>) async
}

/// An event of an attempt.
package enum AttemptEvent: Hashable, Sendable {
    /// A stage started.
    case stageStarted(Stage, at: Date)
    /// A stage ended.
    case stageEnded(StageRun)
    /// The attempt ended; none of its processes runs, and its log is complete.
    case finished(AttemptEnd)
}
