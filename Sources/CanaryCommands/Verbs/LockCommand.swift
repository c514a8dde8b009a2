// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CanaryFiles
import CanaryHistory
import CanaryModel
import CanaryServer
import CanaryText

/// `canary lock`.
struct LockCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lock", abstract: "Print the last known good revision vector of a variant.",
        discussion: """
            The revisions of the newest judged run in which every `head` job of the variant passed, or failed as \
            expected. `canary run --lock FILE` builds exactly these.

            \(ExitCode.table)
            """)

    @Option(name: .long, help: "The variant. (default: the stack's first)")
    var variant: String?

    @Option(
        name: .long, help: ArgumentHelp("Print what has changed since this lock document instead.", valueName: "file"))
    var compare: String?

    @OptionGroup var common: CommonOptions

    func run() async throws {
        let stack = try common.loadStack(showingWarnings: false)
        let names = stack.variants.map(\.name)
        if let variant, !names.contains(variant) {
            throw BadInput(
                text: "the stack has no variant `\(variant)`",
                hint: NearestName.hint(variant, among: names))
        }
        guard let name = variant ?? names.first else { throw BadInput(text: "the stack has no variant") }
        let earlier = try compare.map { try Lock(file: $0).revisions }
        let history = try History.openForReading(path: common.stateFolder.database, stack: stack.name)
        guard let lock = try await Publication(stack: stack, history: history).lastKnownGood(of: name) else {
            Console.error(
                "`\(name)` has no last known good yet: there was no judged run in which all its `head` jobs passed")
            throw ExitCode.breakage
        }
        guard let earlier else { return Console.result(try lock.json()) }
        let comparison = LockComparison(from: earlier, to: lock)
        Console.result(common.json ? try comparison.json() : comparison.text)
    }
}
