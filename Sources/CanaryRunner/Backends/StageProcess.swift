// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import CanaryProcesses

/// The process of one stage, with all processes that it starts.
struct StageProcess: Sendable {
    /// The script for `/bin/sh -eu`.
    let script: String
    /// All its variables.
    let environment: StageEnvironment
    /// Its working directory.
    let folder: String
    /// Time between TERM and KILL when it is cancelled.
    let grace: Duration
    /// The log of its output.
    let log: LogWriter
    /// Touched with each piece of output.
    let clock: OutputClock

    /// Runs the script to its end; returns when no process of its group runs.
    ///
    /// Cancelling the task ends the group.
    ///
    /// - Throws: `LaunchFailure` if it could not be started or watched.
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
