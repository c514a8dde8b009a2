// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// A request to stop: nothing new starts, running builds are cancelled, and the end is recorded as usual.
package final class StopSignal: Sendable {
    private struct State {
        var isRaised = false
        var handlers: [Int: @Sendable () -> Void] = [:]
        var nextHandler = 0
    }

    private let state = Mutex(State())

    /// Makes a signal that is not raised.
    package init() {}

    /// Whether it was raised.
    package var isRaised: Bool { state.withLock(\.isRaised) }

    /// Raises the signal; a second call has no effect.
    package func raise() {
        let handlers = state.withLock { state in
            defer { state.handlers = [:] }
            state.isRaised = true
            return Array(state.handlers.values)
        }
        handlers.forEach { $0() }
    }

    /// Runs `body`; `onRaise` is called once if the signal is raised before or while it runs.
    package func watching<T>(_ onRaise: @escaping @Sendable () -> Void, _ body: () async throws -> T) async rethrows
        -> T
    {
        let handler: Int? = state.withLock { state in
            guard !state.isRaised else { return nil }
            state.nextHandler += 1
            state.handlers[state.nextHandler] = onRaise
            return state.nextHandler
        }
        if handler == nil { onRaise() }
        defer { if let handler { state.withLock { _ = $0.handlers.removeValue(forKey: handler) } } }
        return try await body()
    }

    /// Runs `body` in a task of its own, which is cancelled when the signal is raised or the caller is cancelled.
    func cancelling<T: Sendable>(_ body: @escaping @Sendable () async throws -> T) async throws -> T {
        let task = Task { try await body() }
        return try await withTaskCancellationHandler {
            try await watching({ task.cancel() }) { try await task.value }
        } onCancel: {
            task.cancel()
        }
    }
}
