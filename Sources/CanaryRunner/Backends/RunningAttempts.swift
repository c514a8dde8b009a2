// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import Synchronization

/// The attempts that a runner has started: their tasks, and their events until there is a listener.
final class RunningAttempts: Sendable {
    private struct Entry {
        var events: AsyncStream<AttemptEvent>?
        var task: Task<Void, Never>?
    }

    private let entries = Mutex<[String: Entry]>([:])

    /// The names of the running attempts.
    var names: Set<String> { Set(entries.withLock { $0.filter { $0.value.task != nil }.keys }) }

    /// Starts the attempt that `make` makes; `make` gets the sink of its events.
    ///
    /// - Throws: what `make` throws, or `RunnerFailure` if `attempt` was started before.
    func start(
        _ attempt: String, making make: (AsyncStream<AttemptEvent>.Continuation) async throws -> StagedAttempt
    ) async throws {
        let (events, continuation) = AsyncStream.makeStream(of: AttemptEvent.self)
        let isNew = entries.withLock { entries in
            guard entries[attempt] == nil else { return false }
            entries[attempt] = Entry(events: events)
            return true
        }
        guard isNew else {
            throw RunnerFailure(reason: .environmentEngine, detail: "attempt `\(attempt)` was started before")
        }
        do {
            begin(try await make(continuation))
        } catch {
            entries.withLock { $0[attempt] = nil }
            throw error
        }
    }

    private func begin(_ attempt: StagedAttempt) {
        let id = attempt.order.attempt
        entries.withLock { entries in
            // Unstructured, because an attempt outlives the call that starts it; `cancel` ends it.
            entries[id]?.task = Task {
                await attempt.run()
                self.forget(id)
            }
        }
    }

    private func forget(_ attempt: String) {
        entries.withLock { entries in
            entries[attempt]?.task = nil
            if entries[attempt]?.events == nil { entries[attempt] = nil }
        }
    }

    /// The events of `attempt` for the first caller; none for others.
    func events(of attempt: String) -> AsyncStream<AttemptEvent> {
        let events = entries.withLock { entries in
            let events = entries[attempt]?.events
            entries[attempt]?.events = nil
            if entries[attempt]?.task == nil { entries[attempt] = nil }
            return events
        }
        return events ?? AsyncStream { $0.finish() }
    }

    /// Ends `attempt`; its events report when it has ended.
    func cancel(_ attempt: String) { entries.withLock { $0[attempt]?.task }?.cancel() }
}
