// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import Glibc
import Subprocess
import SystemPackage

/// A program that leads a session of its own, without input, its output in a log; and all that it starts.
struct LoggedProcess: Sendable {
    /// The program's path.
    let executable: String
    /// Its arguments, without its own name.
    let arguments: [String]
    /// All variables it sees, as `NAME=value`.
    let variables: [String]
    /// Where it runs.
    let folder: String
    /// Time between TERM and KILL when it is cancelled.
    let grace: Duration
    /// Takes what it prints.
    let sink: @Sendable (UnsafeRawBufferPointer) -> Void

    /// Runs it to its end; returns when nothing of its process group runs any more.
    ///
    /// Cancelling the task ends the group.
    ///
    /// - Throws: `SubprocessError` when it could not be started or watched.
    func run() async throws -> ExitStatus {
        var options = PlatformOptions()
        options.createSession = true
        options.teardownSequence = [
            .send(signal: .terminate, toProcessGroup: true, allowedDurationToNextStep: grace)
        ]
        // The library copies entries as C strings: without a zero at the end it reads on behind them.
        let entries = variables.map { Array("\($0)\0".utf8) }
        let result = try await Subprocess.run(
            .path(FilePath(executable)), arguments: Arguments(arguments), environment: .custom(entries),
            workingDirectory: FilePath(folder), platformOptions: options, input: .none, output: .sequence,
            error: .combinedWithOutput
        ) { execution in
            let leader = execution.processIdentifier.value
            let output = execution.standardOutput
            // Unstructured, so that a cancellation, which makes the library end the leader, cannot skip the sweep of
            // the rest; awaited at once.
            await Task {
                await keep(output, of: leader)
                await Self.end(of: leader)
                // The leader is not reaped yet: its id cannot have gone to another group.
                kill(-leader, SIGKILL)
            }.value
        }
        return switch result.terminationStatus {
        case .exited(let code): .code(Int(code))
        case .signaled(let signal): .signal(Int(signal))
        }
    }

    /// The most a pipe may hold without privileges: what can have been printed before the leader's end.
    private static let pipeCapacity = 1 << 20

    private func keep(_ output: SubprocessOutputSequence, of leader: pid_t) async {
        var rest = Self.pipeCapacity
        var ended = false
        do {
            for try await chunk in output {
                chunk.withUnsafeBytes { sink($0) }
                // Something in the background may go on printing for ever.
                if !ended, Self.hasEnded(leader) {
                    ended = true
                    kill(-leader, SIGKILL)
                }
                if ended { rest -= chunk.count }
                if rest <= 0 { return }
            }
        } catch {
            // A pipe that cannot be read is one that nothing more comes from; the exit status tells the rest.
        }
    }

    /// Waits until `leader` has ended, without reaping it.
    ///
    /// Its output has ended, so this is microseconds, but for a program that closes its output and goes on.
    private static func end(of leader: pid_t) async {
        var pause = Duration.microseconds(100)
        while !hasEnded(leader) {
            try? await Task.sleep(for: pause)
            pause = min(pause * 2, .milliseconds(50))
        }
    }

    private static func hasEnded(_ leader: pid_t) -> Bool {
        var info = siginfo_t()
        let answer = waitid(P_PID, id_t(leader), &info, WEXITED | WNOWAIT | WNOHANG)
        return answer != 0 || info.si_signo == SIGCHLD
    }
}
