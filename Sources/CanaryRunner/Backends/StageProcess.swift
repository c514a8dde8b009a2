// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import CanaryProcesses

/// The process of one stage and all it starts.
struct StageProcess: Sendable {
    /// The script for `/bin/sh -eu`.
    let script: String
    /// All variables it sees.
    let environment: StageEnvironment
    /// Where it runs.
    let folder: String
    /// Time between TERM and KILL when it is cancelled.
    let grace: Duration
    /// Takes what it prints.
    let log: LogWriter
    /// Told of each piece it prints.
    let clock: OutputClock

    /// Runs the script to its end; returns when nothing of its process group runs any more.
    ///
    /// Cancelling the task ends the group.
    ///
    /// - Throws: `LaunchFailure` when it could not be started or watched.
    func run() async throws(LaunchFailure) -> ExitStatus {
        let (log, clock) = (log, clock)
        let command = Command("/bin/sh", ["-eu", "-c", script], variables: environment.variables, in: folder)
        let process = LoggedProcess(command, grace: grace) { bytes in
            log.append(bytes)
            clock.touch()
        }
        return try await process.run()
    }
}
