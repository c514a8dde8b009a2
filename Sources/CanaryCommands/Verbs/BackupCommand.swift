// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CanaryEngine
import CanaryFiles
import CanaryHistory
import CanaryText
import Foundation

/// `canary backup`.
struct BackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup", abstract: "Copy history to a file, even during a run.",
        discussion: """
            The copy shows history as it was at one instant. It is verified and flushed to disk before FILE appears. \
            Prefixes, logs and mirrors are not included: they can be recreated. `canary restore FILE` restores it.

            \(ExitCode.table)
            """)

    @Argument(help: "The file to write, in an existing folder.")
    var file: String

    @Flag(name: .long, help: "Replace FILE if it exists.")
    var force = false

    @OptionGroup var common: CommonOptions

    func run() async throws {
        let database = common.stateFolder.database
        guard try HistoryFile.exists(database) else {
            throw BadInput(
                text: "the state folder `\(common.stateFolder.path)` holds no history",
                hint: "use `--state` to choose another folder")
        }
        let target = CommonOptions.canonical(file)
        try requireWritable(target, except: database)
        let found = try await HistoryFile.copy(database, to: target)
        let bytes = try? URL(filePath: target).resourceValues(forKeys: [.fileSizeKey]).fileSize
        if common.json {
            let document = BackupDocument(
                file: target, bytes: bytes ?? 0, stack: found.stack, runs: found.runs,
                newestRow: Nullable(found.newestRow))
            return Console.result(try document.json())
        }
        Console.result(
            "wrote `\(target)`: \(found.runs.counting("run")) of `\(found.stack)`, \((bytes ?? 0).sizeText)")
    }

    private func requireWritable(_ target: String, except database: String) throws {
        let files = FileManager.default
        var isFolder = ObjCBool(false)
        if target == database || target.hasPrefix(database + "-") {
            throw BadInput(text: "`\(target)` is the history itself", hint: "choose a file outside the state folder")
        }
        if files.fileExists(atPath: target, isDirectory: &isFolder) {
            guard !isFolder.boolValue else {
                throw BadInput(text: "`\(target)` is a folder", hint: "choose a file in it")
            }
            guard force else { throw BadInput(text: "`\(target)` exists", hint: "`--force` replaces it") }
        }
        let folder = (target as NSString).deletingLastPathComponent
        guard files.fileExists(atPath: folder, isDirectory: &isFolder), isFolder.boolValue else {
            throw BadInput(text: "there is no folder `\(folder)`", hint: "create it, or choose another file")
        }
    }
}

/// `canary.backup/1`.
private struct BackupDocument: Document {
    let schema = "canary.backup/1"
    let file: String
    let bytes: Int
    let stack: String
    let runs: Int
    let newestRow: Nullable<Date>
}
