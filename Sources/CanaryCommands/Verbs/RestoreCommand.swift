// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CanaryEngine
import CanaryFiles
import CanaryHistory
import CanaryModel
import CanaryRunner
import CanaryText
import Foundation

/// `canary restore`.
struct RestoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore", abstract: "Put a backup in the place of history.",
        discussion: """
            FILE is what `canary backup` wrote; it is checked first, and stays as it is. History that is there is \
            replaced only with `--force`, and kept beside as `canary.sqlite.before-TIME`. Whoever reads meanwhile sees \
            the one or the other. The next `run` brings prefixes and logs in line with what was restored: what the \
            backup does not know goes, what it misses is built again.

            \(ExitCode.table)
            """)

    @Argument(help: "The backup.")
    var file: String

    @Flag(name: .long, help: "Replace the history that is there; it is kept beside.")
    var force = false

    @OptionGroup var driver: DriverOptions
    @OptionGroup var common: CommonOptions

    func run() async throws {
        let stack = try common.loadStack(showingWarnings: false)
        let state = common.stateFolder
        let source = CommonOptions.canonical(file)
        guard FileManager.default.fileExists(atPath: source) else {
            throw BadInput(text: "there is no file `\(source)`", hint: "give a file that `canary backup` wrote")
        }
        let restoration = Restoration(file: source, stack: stack.name, state: state)
        let found = try await restoration.examine()
        let report = try await driver.interruptible { stop in
            let lock = try await StateLock.take(state, verb: "restore", wait: !driver.noWait, stop: stop) { holder in
                Console.note("waiting: `\(state.path)` is driven by \(holder)")
            }
            return try await restoration.carryOut(holding: lock, overwriting: force, now: Date())
        }
        if common.json {
            let document = RestoreDocument(
                file: source, stack: found.stack, runs: found.runs, newestRow: Nullable(found.newestRow),
                kept: Nullable(report.kept), forgottenPrefixes: report.forgotten)
            return Console.result(try document.json())
        }
        let until = found.newestRow.map { ", until \($0.rfc3339)" } ?? ""
        Console.result("restored \(found.runs.counting("run")) of `\(found.stack)`\(until)")
        if let kept = report.kept { Console.result("what was there is kept as `\(kept)`") }
        if report.forgotten > 0 {
            Console.note("built anew since the backup, and to be built again: \(report.forgotten) in `prefixes`")
        }
    }
}

/// `canary.restore/1`.
private struct RestoreDocument: Document {
    let schema = "canary.restore/1"
    let file: String
    let stack: String
    let runs: Int
    let newestRow: Nullable<Date>
    let kept: Nullable<String>
    let forgottenPrefixes: Int
}
