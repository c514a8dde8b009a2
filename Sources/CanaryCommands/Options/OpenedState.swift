// SPDX-License-Identifier: Apache-2.0

import CanaryEngine
import CanaryHistory
import CanaryModel
import CanaryRunner

/// A state folder opened for driving.
struct OpenedState {
    let engine: Engine
    let history: History
    private let lock: DriverLock

    /// Takes the driver's lock, opens history, and cleans up behind whoever drove before.
    static func open(
        stack: Stack, verb: String, wait: Bool, stop: StopSignal, common: CommonOptions
    ) async throws -> OpenedState {
        let runtime = common.effectiveRuntime(of: stack)
        let state = common.stateFolder
        let runner = try backend(runtime, state: state)
        let lock = try await DriverLock.take(state, verb: verb, wait: wait, stop: stop) { holder in
            Console.note("waiting: `\(state.path)` is driven by \(holder)")
        }
        let history = try History.open(path: state.database, stack: stack.name)
        let engine = Engine(
            stack: stack, folder: common.stackFolder, state: state, history: history, runner: runner,
            runtime: runtime, git: Git())
        try await engine.recover()
        return OpenedState(engine: engine, history: history, lock: lock)
    }

    private static func backend(_ runtime: RuntimeChoice, state: StateFolder) throws -> any AttemptRunner {
        guard runtime == .process else {
            throw EngineError(
                .runtime, "the runtime `\(runtime.rawValue)` is not built in yet",
                hint: "`--runtime process` builds with this machine's own tools: for trusted code only")
        }
        return ProcessRunner(state: state)
    }
}
