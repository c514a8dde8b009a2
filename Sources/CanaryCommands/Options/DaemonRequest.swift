// SPDX-License-Identifier: Apache-2.0

import CanaryEngine
import CanaryFiles
import CanaryHistory
import CanaryModel
import CanaryRunner
import Foundation

/// Asks the daemon that drives a state folder for something, and follows it.
struct DaemonRequest {
    let history: History
    private let state: StateFolder
    private let desk: RequestQueue
    private let watch: HistoryWatch

    init(stack: Stack, state: StateFolder) throws {
        self.state = state
        history = try History.open(path: state.database, stack: stack.name)
        desk = RequestQueue(stack: stack, history: history)
        watch = try HistoryWatch(history)
    }

    /// Puts a request into the inbox.
    ///
    /// - Returns: its id.
    func ask(_ text: String, origin: String) async throws -> String {
        guard let id = try await desk.ask(text, origin: origin, isTrusted: true) else {
            throw EngineError(.stateInUse, "too many requests wait already", hint: "`canary cancel ID` ends one")
        }
        return id
    }

    /// Waits for the end of the request `id`.
    ///
    /// - Parameter stop: when it is raised, the request is cancelled and followed to its end.
    /// - Throws: `EngineError` `stateInUse` when no daemon drives the state folder any more.
    func end(of id: String, stop: StopSignal? = nil) async throws -> RequestRecord {
        var seen: Int64 = .min
        var isCancelled = false
        while true {
            let version = try watch.version()
            if version != seen, let record = try await history.request(id), record.state.isOver { return record }
            seen = version
            if let stop, stop.isRaised, !isCancelled {
                isCancelled = true
                _ = try await ask(RequestBody.cancel(id: id).text(), origin: "run")
            }
            guard StateLock.isServed(state) else {
                throw EngineError(
                    .stateInUse, "the daemon ended; the request `\(id)` waits for the next one",
                    hint: "`canary cancel \(id)` takes it back")
            }
            try await Task.sleep(for: .milliseconds(100))
        }
    }
}
