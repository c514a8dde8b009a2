// SPDX-License-Identifier: Apache-2.0

import CanaryEngine
import CanaryFiles
import CanaryGit
import CanaryHistory
import CanaryModel
import CanaryRunner

/// A state folder opened for driving.
struct StateSession {
    let engine: Engine
    let history: History
    private let lock: StateLock

    /// Takes the driver's lock, opens history, and cleans up behind whoever drove before.
    ///
    /// - Parameter builds: whether a container engine must be had where the runtime is one; without it, what an earlier
    ///   driver left in containers may stay.
    static func open(
        stack: Stack, verb: String, wait: Bool, stop: StopSignal, common: CommonOptions, builds: Bool = true
    ) async throws -> StateSession {
        let state = common.stateFolder
        let runtime = common.effectiveRuntime(of: stack)
        let containers = builds ? try await containers(runtime) : try? await containers(runtime)
        let lock = try await StateLock.take(state, verb: verb, wait: wait, stop: stop) { holder in
            Console.note("waiting: `\(state.path)` is driven by \(holder)")
        }
        let history = try History.open(path: state.database, stack: stack.name)
        let runner: any AttemptRunner =
            containers.map { ContainerRunner(state: state, engine: $0) } ?? ProcessRunner(state: state)
        let engine = Engine(
            stack: stack, folder: common.stackFolder, state: state, history: history, runner: runner,
            containers: containers, git: Git())
        try await engine.recover()
        return StateSession(engine: engine, history: history, lock: lock)
    }

    private static func containers(_ runtime: RuntimeChoice) async throws -> ContainerEngine? {
        runtime == .process ? nil : try await engine(runtime)
    }

    /// The container engine that `runtime` means; any that works where that is `process`.
    static func engine(_ runtime: RuntimeChoice) async throws -> ContainerEngine {
        do throws(RunnerFailure) {
            return try await ContainerEngine.find(runtime == .process ? .auto : runtime)
        } catch {
            // The detail ends with a hint of its own.
            throw EngineError(.runtime, error.detail)
        }
    }
}
