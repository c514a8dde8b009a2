// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import Foundation
import Synchronization

/// Makes attempts of plain processes of this machine: for trusted code only.
///
/// Each stage leads a session of its own; its whole group ends with it. What left the group is found by its `TMPDIR`
/// when the attempt ends. Limits of memory and processes are not held here.
package final class ProcessRunner: AttemptRunner {
    private struct Entry {
        var events: AsyncStream<AttemptEvent>?
        var task: Task<Void, Never>?
    }

    private let state: StateFolder
    private let grace: Duration
    private let entries = Mutex<[String: Entry]>([:])

    /// Makes attempts in `state`; `grace` is the time between TERM and KILL.
    package init(state: StateFolder, grace: Duration = .seconds(2)) {
        self.state = state
        self.grace = grace
    }

    package func start(_ order: WorkOrder) async throws {
        let id = order.attempt
        let (events, continuation) = AsyncStream.makeStream(of: AttemptEvent.self)
        let isNew = entries.withLock { entries in
            guard entries[id] == nil else { return false }
            entries[id] = Entry(events: events)
            return true
        }
        guard isNew else {
            throw RunnerFailure(reason: .environmentEngine, detail: "attempt `\(id)` was started before")
        }
        do {
            let attempt = ProcessAttempt(
                order: order, folder: state.attempt(id),
                environment: StageEnvironment(of: order, in: .init(of: order, in: state)), grace: grace,
                log: try LogWriter(path: state.attempt(id).log, limit: order.limits.log), events: continuation)
            begin(attempt)
        } catch {
            entries.withLock { $0[id] = nil }
            throw error
        }
    }

    private func begin(_ attempt: ProcessAttempt) {
        let id = attempt.order.attempt
        entries.withLock { entries in
            // Unstructured, because an attempt outlives the call that starts it; `cancel` ends it.
            entries[id]?.task = Task {
                await attempt.run()
                self.forget(id)
            }
        }
    }

    private func forget(_ id: String) {
        entries.withLock { entries in
            entries[id]?.task = nil
            if entries[id]?.events == nil { entries[id] = nil }
        }
    }

    package func events(of attempt: String) -> AsyncStream<AttemptEvent> {
        let events = entries.withLock { entries in
            let events = entries[attempt]?.events
            entries[attempt]?.events = nil
            if entries[attempt]?.task == nil { entries[attempt] = nil }
            return events
        }
        return events ?? AsyncStream { $0.finish() }
    }

    package func cancel(_ attempt: String) async {
        entries.withLock { $0[attempt]?.task }?.cancel()
    }

    /// Always false: the pipe that a process of an earlier runner printed to is gone, and the process must go too.
    package func adopt(_ attempt: String) async -> Bool { false }

    package func sweep(keeping attempts: Set<String>) async {
        let state = state
        let folder = state.attempts + "/"
        let kept = attempts.union(entries.withLock { $0.filter { $0.value.task != nil }.keys })
        let spared = Set(kept.map { state.attempt($0).temporary })
        await ProcessScan { temporary in
            guard temporary.hasPrefix(folder), !spared.contains(temporary) else { return false }
            let id = temporary.dropFirst(folder.count).prefix { $0 != "/" }
            return temporary == state.attempt(String(id)).temporary
        }.end()
    }
}
