// SPDX-License-Identifier: Apache-2.0

package import CanaryModel
import Subprocess
import SystemPackage

extension Command {
    /// Runs it to its end without input, and appends both output streams to the file at `path`, created if missing.
    ///
    /// Cancelling the task ends its process group.
    ///
    /// - Throws: `LaunchFailure` when the program could not be started or the file could not be opened.
    package func run(appendingTo path: String) async throws(LaunchFailure) -> ExitStatus {
        do {
            let file = try FileDescriptor.open(
                FilePath(path), .writeOnly, options: [.create, .append, .closeOnExec], permissions: .ownerReadWrite)
            defer { try? file.close() }
            let result = try await Subprocess.run(
                configuration(teardown: [
                    .gracefulShutDown(toProcessGroup: true, allowedDurationToNextStep: .milliseconds(500))
                ]),
                input: .none, output: .fileDescriptor(file, closeAfterSpawningProcess: false),
                error: .fileDescriptor(file, closeAfterSpawningProcess: false))
            return ExitStatus(result.terminationStatus)
        } catch {
            throw LaunchFailure(self, error)
        }
    }
}
