// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// A gate before each build of a search: a build that has begun ends, and the next one waits while the gate is closed.
///
/// So a search is held back at the cost of no build, and continues where it was, its waits included.
package final class BuildGate: Sendable {
    private struct State {
        var isClosed = false
        var building = 0
    }

    private let state = Mutex(State())
    /// How often a waiting build and a waiting caller look again.
    private static let interval = Duration.milliseconds(50)

    /// Makes an open gate.
    package init() {}

    /// Lets no further build begin.
    package func close() { state.withLock { $0.isClosed = true } }

    /// Lets builds begin again.
    package func open() { state.withLock { $0.isClosed = false } }

    /// Whether a build has passed the gate and not ended.
    package var isBuilding: Bool { state.withLock { $0.building > 0 } }

    /// Waits until no build runs behind the gate, which the caller has closed, or until `stop` is raised.
    package func drain(until stop: StopSignal) async {
        while isBuilding, !stop.isRaised { try? await Task.sleep(for: Self.interval) }
    }

    /// Runs `body` as soon as the gate is open; a raised `stop` is left to `body`.
    func pass<Value>(_ stop: StopSignal, _ body: () async throws -> Value) async throws -> Value {
        while !enter(), !stop.isRaised, !Task.isCancelled { try? await Task.sleep(for: Self.interval) }
        try EngineError.throwIfStopped(stop)
        defer { state.withLock { $0.building -= 1 } }
        return try await body()
    }

    private func enter() -> Bool {
        state.withLock { state in
            if !state.isClosed { state.building += 1 }
            return !state.isClosed
        }
    }
}
