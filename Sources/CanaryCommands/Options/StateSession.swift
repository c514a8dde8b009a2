// SPDX-License-Identifier: Apache-2.0

import CanaryEngine
import CanaryFiles
import CanaryGit
import CanaryHistory
import CanaryModel
import CanaryRunner
import CanaryText
import Glibc

/// A state folder that this process holds, with its engine and history.
struct StateSession {
    let engine: Engine
    let history: History
    private let lock: StateLock

    /// Takes the lock of the state folder, opens history, and cleans up after the previous holder.
    ///
    /// - Parameter builds: whether the runtime must be available. Without it, containers that the previous holder left
    ///   may remain.
    static func open(
        stack: Stack, verb: String, options: StateLockOptions, stop: StopSignal, common: CommonOptions,
        builds: Bool = true
    ) async throws -> StateSession {
        let state = common.stateFolder
        let runtime = common.effectiveRuntime(of: stack)
        let containers = builds ? try await containers(runtime) : try? await containers(runtime)
        if builds, !common.quiet, let additions = containers?.additions, !additions.isEmpty {
            Console.note(
                "podman's own settings (`containers.conf`) add to every build: \(quotedList(additions))\n"
                    + "hint: remove them there, or set `CONTAINERS_CONF` to a file without them")
        }
        let lock = try await options.take(state, verb: verb, stop: stop)
        umask(0o077)
        let history = try History.open(path: state.database, stack: stack.name)
        // The modes of sources and of installed files are part of what a build is: they do not depend on the user's umask.
        umask(0o022)
        let runner: any AttemptRunner =
            containers.map { ContainerRunner(state: state, engine: $0) } ?? ProcessRunner(state: state)
        let engine = Engine(
            stack: stack, folder: common.stackFolder, state: state, history: history, runner: runner,
            containers: containers, git: Git())
        try await engine.recover()
        if builds, runtime == .process, !common.quiet { Console.note(processWarning) }
        return StateSession(engine: engine, history: history, lock: lock)
    }

    /// What the process runtime is, said before it builds anything.
    private static let processWarning =
        "runtime `process`: builds run as this user, with no isolation from this machine; only for code you trust"

    private static func containers(_ runtime: RuntimeChoice) async throws -> ContainerEngine? {
        runtime == .process ? nil : try await engine(runtime)
    }

    /// The container engine of `runtime`; any that works if that is `process`.
    static func engine(_ runtime: RuntimeChoice) async throws -> ContainerEngine {
        do throws(RunnerFailure) {
            return try await ContainerEngine.find(runtime == .process ? .auto : runtime)
        } catch {
            // The detail already ends with a hint.
            throw EngineError(.runtime, error.detail)
        }
    }
}
