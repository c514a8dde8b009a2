// SPDX-License-Identifier: Apache-2.0

import CanaryEngine
import CanaryHistory
import Foundation
import Synchronization

/// The id of a run, as soon as it has one.
final class RunName: Sendable {
    private let name = Mutex<String?>(nil)

    var id: String? { name.withLock { $0 } }

    func set(_ id: String) { name.withLock { $0 = id } }
}

/// Work that cancel requests in the inbox, or the end of the daemon, interrupt.
struct Cancellations: Sendable {
    let engine: Engine
    /// The daemon's own stop signal.
    let stop: StopSignal

    /// The work in progress.
    private struct Work: Sendable {
        let request: String?
        let stop: StopSignal
        let run: RunName

        func hasID(_ id: String) -> Bool { request == id || run.id == id }
    }

    /// Cancels the requests among `open` that cancel requests name, and ends those.
    ///
    /// - Returns: the ids of the cancelled requests.
    func apply(in open: [RequestRecord]) async throws -> Set<String> { try await apply(in: open, to: nil) }

    private func apply(in open: [RequestRecord], to work: Work?) async throws -> Set<String> {
        var cancelled: Set<String> = []
        for request in open where request.start.kind == .cancel {
            let body = try? RequestBody(request.start.body, for: engine.stack, isTrusted: true)
            guard case .cancel(let target)? = body else { continue }
            var problem: String?
            if let work, work.hasID(target) {
                work.stop.raise()
            } else if open.contains(where: { $0.start.id == target && $0.start.kind != .cancel }),
                try await engine.inbox.endRequest(target, .cancelled, at: engine.now())
            {
                cancelled.insert(target)
            } else {
                problem = "no open request or run has the id `\(target)`"
            }
            _ = try await engine.inbox.endRequest(
                request.start.id, problem == nil ? .finished : .failed, detail: problem, at: engine.now())
        }
        return cancelled
    }

    /// Runs `body` with a stop signal of its own, which cancel requests and the daemon's stop signal raise.
    ///
    /// - Parameter request: the request that `body` answers, if any.
    func interruptible<Value: Sendable>(
        request: String?, _ body: @escaping @Sendable (StopSignal, RunName) async throws -> Value
    ) async throws -> Value {
        let work = Work(request: request, stop: StopSignal(), run: RunName())
        return try await stop.watching({ work.stop.raise() }) {
            try await withThrowingTaskGroup(of: Value?.self) { group in
                group.addTask { try await body(work.stop, work.run) }
                group.addTask {
                    await watch(for: work)
                    return nil
                }
                defer { group.cancelAll() }
                while let value = try await group.next() {
                    if let value { return value }
                }
                throw EngineError.interrupted
            }
        }
    }

    private func watch(for work: Work) async {
        guard let watch = try? HistoryWatch(engine.history) else { return }
        var seen: Int64 = .min
        while !Task.isCancelled {
            if let version = try? watch.version(), version != seen {
                seen = version
                if let open = try? await engine.history.requests.open() { _ = try? await apply(in: open, to: work) }
            }
            try? await Task.sleep(for: .milliseconds(250))
        }
    }
}
