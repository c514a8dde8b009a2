// SPDX-License-Identifier: Apache-2.0

import CanaryHistory
import CanaryModel
import Foundation

extension Daemon {
    /// Carries out what waits longest in the inbox.
    ///
    /// - Returns: whether there was anything.
    func serveRequest(_ agenda: inout Schedule) async throws -> Bool {
        let open = try await engine.history.requests.open()
        let cancelled = try await cancel(in: open, running: nil)
        guard let next = open.first(where: { $0.start.kind != .cancel && !cancelled.contains($0.start.id) }) else {
            return false
        }
        let id = next.start.id
        guard try await engine.inbox.startRequest(id, at: engine.now()) else { return true }
        do {
            let detail = try await carryOut(next, &agenda)
            _ = try await engine.inbox.endRequest(id, .finished, detail: detail, at: engine.now())
        } catch let error as EngineError where error.code == .interrupted {
            // Told to stop, the request stays open: the next daemon takes it up again.
            guard !stop.isRaised else { throw error }
            _ = try await engine.inbox.endRequest(id, .cancelled, at: engine.now())
        } catch let error as HistoryError {
            throw error
        } catch {
            _ = try await engine.inbox.endRequest(id, .failed, detail: "\(error)", at: engine.now())
        }
        return true
    }

    private func carryOut(_ request: RequestRecord, _ agenda: inout Schedule) async throws -> String? {
        let wish = try RequestText.read(
            request.start.body, for: engine.stack, isTrusted: request.start.origin != "http")
        switch wish {
        case .run(let asked):
            try await pass(asked, budgeted: false, for: request.start.id, &agenda)
            return nil
        case .cancel: return nil
        case .attempt(let changes):
            return try await interruptible(request: request.start.id) { own, _ in
                try await attempt(changes, stop: own)
            }
        case .search(let downstream, let upstream, let good, let bad):
            var asked = UpstreamRequest(downstream: downstream)
            (asked.upstream, asked.good, asked.bad) = (upstream, good, bad)
            return try await interruptible(request: request.start.id) { [asked] own, _ in
                try await search(asked, stop: own)
            }
        }
    }

    /// Does what the cancellations in `open` ask for.
    ///
    /// - Parameter running: what can be ended now: the request and the run under way, and how.
    /// - Returns: the requests that are over now.
    @discardableResult
    func cancel(in open: [RequestRecord], running: Running?) async throws -> Set<String> {
        var over: Set<String> = []
        for request in open where request.start.kind == .cancel {
            let wish = try? RequestText.read(request.start.body, for: engine.stack, isTrusted: true)
            guard case .cancel(let target)? = wish else { continue }
            var said: String?
            if let running, running.answers(to: target) {
                running.stop.raise()
            } else if open.contains(where: { $0.start.id == target && $0.start.kind != .cancel }),
                try await engine.inbox.endRequest(target, .cancelled, at: engine.now())
            {
                over.insert(target)
            } else {
                said = "nothing open has the id `\(target)`"
            }
            _ = try await engine.inbox.endRequest(
                request.start.id, said == nil ? .finished : .failed, detail: said, at: engine.now())
        }
        return over
    }

    /// What is under way.
    final class Running: Sendable {
        let request: String?
        let stop: StopSignal
        private let run: RunName

        init(request: String?, stop: StopSignal, run: RunName) {
            self.request = request
            self.stop = stop
            self.run = run
        }

        func answers(to id: String) -> Bool { request == id || run.id == id }
    }

    /// Runs `body` with a stop signal of its own, which cancellations raise, and so does the daemon's.
    func interruptible<Value: Sendable>(
        request: String?, _ body: @escaping @Sendable (StopSignal, RunName) async throws -> Value
    ) async throws -> Value {
        let own = StopSignal()
        let name = RunName()
        let running = Running(request: request, stop: own, run: name)
        return try await stop.watching({ own.raise() }) {
            try await withThrowingTaskGroup(of: Value?.self) { group in
                group.addTask { try await body(own, name) }
                group.addTask {
                    await watchForCancellations(of: running)
                    return nil
                }
                defer { group.cancelAll() }
                while let value = try await group.next() {
                    if let value { return value }
                }
                throw EngineError(.interrupted, "interrupted")
            }
        }
    }

    private func watchForCancellations(of running: Running) async {
        guard let watch = try? HistoryWatch(engine.history) else { return }
        var seen: Int64 = .min
        while !Task.isCancelled {
            if let version = try? watch.version(), version != seen {
                seen = version
                if let open = try? await engine.history.requests.open() {
                    _ = try? await cancel(in: open, running: running)
                }
            }
            try? await Task.sleep(for: .milliseconds(250))
        }
    }
}
