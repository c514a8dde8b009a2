// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CanaryFiles
import CanaryHistory
import CanaryModel
import CanaryServer
import CanaryText

/// `canary feed`.
struct FeedCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "feed", abstract: "Write the site as files, for any web server.",
        discussion: """
            Writes what `canary serve` serves: the dashboard, `status.json`, `feed.json`, a badge for each job, and the \
            last known good vector of each variant. Each file is replaced atomically, and only if it has changed. Files that \
            an earlier `feed` wrote and that are no longer part of the site are removed.
            """)

    @Option(name: .long, help: ArgumentHelp("The folder to write to; created if missing.", valueName: "dir"))
    var out: String

    @OptionGroup var common: CommonOptions

    func run() async throws {
        let stack = try common.loadStack(showingWarnings: false)
        let history = try History.openForReading(path: common.stateFolder.database, stack: stack.name)
        let files = try await StaticSite(Publication(stack: stack, history: history)).files()
        let folder = CommonOptions.canonical(out)
        do {
            let written = try SiteFolder(path: folder).replace(with: files)
            if common.json {
                Console.result(
                    try FeedReport(out: folder, files: files.count, written: written.written, removed: written.removed)
                        .json())
            } else if !common.quiet {
                Console.note(
                    "`\(folder)`: \(files.count.counting("file")), \(written.written) written, \(written.removed) removed"
                )
            }
        } catch let error as SiteFolderError {
            throw BadInput(text: error.text, hint: "use `--out` to choose another folder")
        }
    }
}

/// `canary.feed-report/1`: what `feed` did.
private struct FeedReport: Document {
    let schema = "canary.feed-report/1"
    let out: String
    let files: Int
    let written: Int
    let removed: Int
}
