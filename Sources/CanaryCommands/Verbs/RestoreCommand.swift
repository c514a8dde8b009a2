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
        commandName: "restore", abstract: "Replace history with a backup.",
        discussion: """
            FILE, which `canary backup` wrote, is verified first and not modified. An existing history is replaced only \
            with `--force`, and kept as `canary.sqlite.before-TIME`. Concurrent readers see either the old or the new \
            history. The next `run` brings prefixes and logs in line with the restored history: prefixes that the backup \
            does not know are removed, missing ones are built again.

            \(ExitCode.table)
            """)

    @Argument(help: "A file that `canary backup` wrote.")
    var file: String

    @Flag(name: .long, help: "Replace an existing history; the old one is kept next to it.")
    var force = false

    @OptionGroup var stateLock: StateLockOptions
    @OptionGroup var common: CommonOptions

    func run() async throws {
        let stack = try common.loadStack(showingWarnings: false)
        let state = common.stateFolder
        let source = CommonOptions.canonical(file)
        guard FileManager.default.fileExists(atPath: source) else {
            throw BadInput(text: "no such file: `\(source)`", hint: "give a file that `canary backup` wrote")
        }
        let restoration = Restoration(file: source, stack: stack.name, state: state)
        let found = try await restoration.examine()
        let report = try await stateLock.interruptible { stop in
            let lock = try await stateLock.take(state, verb: "restore", stop: stop)
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
        if let kept = report.kept { Console.result("the old history is kept as `\(kept)`") }
        if report.forgotten > 0 {
            Console.note("\(report.forgotten) in `prefixes` were built after the backup and will be built again")
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
