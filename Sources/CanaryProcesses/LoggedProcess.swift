// SPDX-License-Identifier: Apache-2.0

package import CanaryModel
import Glibc
import Subprocess

/// A program without input whose output (both streams, in order) goes to a sink while it runs.
package struct LoggedProcess: Sendable {
    private let command: Command
    private let grace: Duration
    private let sink: @Sendable (UnsafeRawBufferPointer) -> Void

    /// Describes a run of `command`; when the task is cancelled, its group gets TERM, then KILL after `grace`.
    package init(
        _ command: Command, grace: Duration, sink: @escaping @Sendable (UnsafeRawBufferPointer) -> Void
    ) {
        self.command = command
        self.grace = grace
        self.sink = sink
    }

    /// Runs it to its end, and returns when no process of its group is left.
    ///
    /// - Throws: `LaunchFailure` when it could not be started or watched.
    package func run() async throws(LaunchFailure) -> ExitStatus {
        do {
            let result = try await Subprocess.run(
                command.configuration(teardown: [
                    .send(signal: .terminate, toProcessGroup: true, allowedDurationToNextStep: grace)
                ]),
                input: .none, output: .sequence, error: .combinedWithOutput
            ) { execution in
                let group = ProcessGroup(leader: execution.processIdentifier.value)
                let output = execution.standardOutput
                // Unstructured, so that a cancellation, which makes the library end the leader, cannot skip the sweep
                // of the rest; awaited at once.
                await Task {
                    await keep(output, of: group)
                    await group.end()
                    group.signal(SIGKILL)
                }.value
            }
            return ExitStatus(result.terminationStatus)
        } catch {
            throw LaunchFailure(command, error)
        }
    }

    /// The most a pipe may hold without privileges: what can have been printed before the leader's end.
    private static let pipeCapacity = 1 << 20

    private func keep(_ output: SubprocessOutputSequence, of group: ProcessGroup) async {
        var rest = Self.pipeCapacity
        var ended = false
        do {
            for try await chunk in output {
                chunk.withUnsafeBytes { sink($0) }
                // A background process may go on printing for ever.
                if !ended, group.hasEnded {
                    ended = true
                    group.signal(SIGKILL)
                }
                if ended { rest -= chunk.count }
                if rest <= 0 { return }
            }
        } catch {
            // Nothing more comes from a pipe that cannot be read; the exit status tells the rest.
        }
    }
}
