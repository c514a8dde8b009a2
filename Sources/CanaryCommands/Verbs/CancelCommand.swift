// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CanaryDaemon
import CanaryEngine
import CanaryFiles
import CanaryHistory
import CanaryModel
import CanaryRunner
import Foundation
import Glibc

/// `canary cancel`.
struct CancelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel", abstract: "Cancel a request or a run.",
        discussion: """
            ID is a request or run that has not finished. What it has recorded stays; its open attempts are recorded as \
            interrupted, which is no evidence. Returns when it has finished.

            \(ExitCode.table)
            """)

    @Argument(help: "The id of a request or a run.")
    var id: String

    @OptionGroup var common: CommonOptions

    func run() async throws {
        let stack = try common.loadStack(showingWarnings: false)
        let state = common.stateFolder
        guard try HistoryFile.exists(state.database) else { throw unknown }
        if StateLock.isServed(state) { return try await cancelInDaemon(stack) }
        let history = try KnownHistory.open(common)
        if let request = try await history.requests.request(id), !request.state.isOver {
            // No process holds the state folder, so that none can start it meanwhile.
            let writer = try History.open(path: state.database, stack: stack.name)
            _ = try await writer.inbox.endRequest(id, .cancelled, at: Date())
            return reportCancelled()
        }
        guard let run = try await history.runs.run(id) else { throw unknown }
        guard run.state == .running, run.start.driver.isAlive else {
            throw BadInput(text: "the run `\(id)` has finished")
        }
        // As Ctrl-C in its terminal.
        guard kill(pid_t(run.start.driver.pid), SIGINT) == 0 else {
            throw EngineError(
                .stateInUse, "process \(run.start.driver.pid), which makes the run `\(id)`, cannot be signalled")
        }
        while run.start.driver.isAlive, try await history.runs.run(id)?.state == .running {
            try await Task.sleep(for: .milliseconds(100))
        }
        reportCancelled()
    }

    private var unknown: BadInput {
        BadInput(text: "no request or run `\(id)` in history", hint: "`canary history` lists runs")
    }

    private func cancelInDaemon(_ stack: Stack) async throws {
        let daemon = try DaemonRequest(stack: stack, state: common.stateFolder)
        let request = try await daemon.submit(RequestBody.cancel(id: id).text(), origin: "cancel")
        let record = try await daemon.end(of: request)
        guard record.state == .finished else {
            throw BadInput(text: record.detail ?? "`\(id)` could not be cancelled")
        }
        reportCancelled()
    }

    private func reportCancelled() { if !common.quiet { Console.note("`\(id)` cancelled") } }
}
