// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CanaryDaemon
import CanaryEngine
import CanaryFiles
import CanaryHistory
import CanaryModel
import CanaryServer
import CanaryText
import Foundation

/// Sends requests to the daemon that holds a state folder, and follows them to their end.
struct DaemonRequest {
    let history: HistoryReader
    private let state: StateFolder
    private let queue: RequestQueue
    private let watch: HistoryWatch

    init(stack: Stack, state: StateFolder) throws {
        self.state = state
        let opened = try History.open(path: state.database, stack: stack.name)
        history = opened.reader
        queue = RequestQueue(stack: stack, inbox: opened.inbox)
        watch = try HistoryWatch(history)
    }

    /// Puts a request into the inbox and follows it to its end.
    ///
    /// - Parameter detach: whether to print its id and return at once.
    /// - Returns: the finished request; nil if detached.
    /// - Throws: `ExitCode` `interrupted` if it was cancelled; the error that it ended with.
    func follow(
        _ body: RequestBody, origin: String, detach: Bool, _ stateLock: StateLockOptions, _ common: CommonOptions
    ) async throws -> RequestRecord? {
        let id = try await submit(body.text(), origin: origin)
        if detach {
            let record = try await history.requests.request(id)
            Console.result(common.json ? try record.map { try RequestDocument($0).json() } ?? "" : id)
            return nil
        }
        if !common.quiet { Console.note("`\(state.path)` is held by a daemon: queued as request `\(id)`") }
        let record = try await stateLock.interruptible { stop in try await end(of: id, stop: stop) }
        switch record.state {
        case .finished: return record
        case .cancelled: throw ExitCode.interrupted
        default:
            let code = RequestResult(record.result)?.error ?? .stopped
            throw EngineError(code, record.detail ?? "the request `\(id)` failed")
        }
    }

    /// Puts a request into the inbox and returns its id.
    ///
    /// - Throws: `EngineError` `badRequest` if it is not valid, `stateInUse` if the inbox is full.
    func submit(_ text: String, origin: String) async throws -> String {
        guard let id = try await queue.ask(text, origin: origin, isTrusted: true) else {
            throw EngineError(
                .stateInUse, "too many requests are waiting already", hint: "`canary cancel ID` cancels one")
        }
        return id
    }

    /// Waits until the request `id` has finished.
    ///
    /// - Parameter stop: raising it cancels the request, which is then still followed to its end.
    /// - Throws: `EngineError` `stateInUse` if no daemon holds the state folder any longer.
    func end(of id: String, stop: StopSignal? = nil) async throws -> RequestRecord {
        var seen: Int64 = .min
        var isCancelled = false
        while true {
            let version = try watch.version()
            if version != seen, let record = try await history.requests.request(id), record.state.isOver {
                return record
            }
            seen = version
            if let stop, stop.isRaised, !isCancelled {
                isCancelled = true
                _ = try await submit(RequestBody.cancel(id: id).text(), origin: "run")
            }
            guard StateLock.isServed(state) else {
                throw EngineError(
                    .stateInUse, "the daemon stopped; request `\(id)` is queued for the next one",
                    hint: "`canary cancel \(id)` cancels it")
            }
            try await Task.sleep(for: .milliseconds(100))
        }
    }
}
