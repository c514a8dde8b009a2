// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
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
        commandName: "cancel", abstract: "End a request or a run.",
        discussion: """
            ID is a request or a run that is not over. What it has recorded stays; its open attempts end as interrupted, \
            which is no evidence. Returns when it is over.

            \(ExitCode.table)
            """)

    @Argument(help: "The id of a request or of a run.")
    var id: String

    @OptionGroup var common: CommonOptions

    func run() async throws {
        let stack = try common.loadStack(showingWarnings: false)
        let state = common.stateFolder
        guard try HistoryFile.exists(state.database) else { throw unknown }
        if StateLock.isServed(state) { return try await ask(stack) }
        let history = try KnownHistory.open(common)
        if let request = try await history.request(id), !request.state.isOver {
            // Nobody drives: nobody will begin it meanwhile.
            let writer = try History.open(path: state.database, stack: stack.name)
            _ = try await writer.endRequest(id, .cancelled, at: Date())
            return report("cancelled")
        }
        guard let run = try await history.run(id) else { throw unknown }
        guard run.state == .running, run.start.driver.isAlive else {
            throw BadInput(text: "the run `\(id)` is over")
        }
        // As a ctrl-C in its terminal.
        guard kill(pid_t(run.start.driver.pid), SIGINT) == 0 else {
            throw EngineError(
                .stateInUse, "the process \(run.start.driver.pid) that drives `\(id)` cannot be signalled")
        }
        while run.start.driver.isAlive, try await history.run(id)?.state == .running {
            try await Task.sleep(for: .milliseconds(100))
        }
        report("cancelled")
    }

    private var unknown: BadInput {
        BadInput(text: "history knows no request or run `\(id)`", hint: "`canary history` lists runs")
    }

    private func ask(_ stack: Stack) async throws {
        let following = try DaemonRequest(stack: stack, state: common.stateFolder)
        let request = try await following.ask(RequestBody.cancel(id: id).text(), origin: "cancel")
        let record = try await following.end(of: request)
        guard record.state == .finished else {
            throw BadInput(text: record.detail ?? "`\(id)` could not be cancelled")
        }
        report("cancelled")
    }

    private func report(_ word: String) { if !common.quiet { Console.note("`\(id)` \(word)") } }
}
