// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CanaryEngine
import CanaryFiles
import CanaryHistory
import CanaryModel
import CanaryProcesses
import CanaryRunner
import CanaryText
import Foundation

/// `canary reproduce`.
struct ReproduceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reproduce", abstract: "Print a shell script that reproduces an attempt on any machine.",
        discussion: """
            The script only needs git, and podman or docker. Run in an empty folder, it clones the project and all its \
            upstreams at the revisions that the attempt used, builds them in order in the attempt's image, and exits as the \
            failing stage does:

              canary reproduce ATTEMPT > reproduce.sh
              mkdir build && cd build && sh ../reproduce.sh

            An attempt of `--runtime process` is reproduced with plain processes, with the tools of the machine that the \
            script runs on. Revisions come from history, recipes from the current manifests; a changed recipe causes a \
            warning. A revision that its repository no longer has is still in the state folder: use `--source \
            PROJECT=STATE/mirrors/PROJECT.git`. `canary show RUN` lists the attempts of a run.

            With `--shell` the exit status is that of the shell.

            \(ExitCode.table)
            """)

    @Argument(help: "The id of an attempt (a...); it may have passed.")
    var attempt: String

    @Flag(
        name: .long,
        help:
            "Build in ./canary-reproduce-ATTEMPT and open a shell before the failing stage, instead of printing the script."
    )
    var shell = false

    @OptionGroup var sources: SourceOptions
    @OptionGroup var common: CommonOptions

    func run() async throws {
        guard !shell || !common.json else {
            throw BadInput(text: "`--json` and `--shell` exclude each other")
        }
        guard !shell || Console.isInteractive else {
            throw BadInput(
                text: "`--shell` needs a terminal on standard input and output",
                hint: "without `--shell` the script is printed; running it does not need a terminal")
        }
        let stack = try common.loadStack(showingWarnings: false)
        let history = try KnownHistory.open(common, of: stack)
        guard let record = try await history.builds.attempt(attempt) else { throw try await unknown(in: history) }
        let reproducer = try Reproducer(
            stack: stack, folder: common.stackFolder, state: common.stateFolder, history: history,
            sources: try sources.addresses())
        let reproduction = try await reproducer.reproduction(of: record)
        for warning in reproduction.warnings { Console.note("warning: \(warning)") }
        let script = ReproductionScript(reproduction)
        if shell { try enter(script) }
        Console.result(
            common.json
                ? try ReproductionDocument(reproduction, script: script.text).json() : String(script.text.dropLast()))
    }

    private func enter(_ script: ReproductionScript) throws -> Never {
        let folder = CommonOptions.canonical("canary-reproduce-\(attempt)")
        Console.note("building in `\(folder)`: it remains after the shell exits; remove it when you are done")
        let engine: String? =
            switch common.runtime {
            case .podman, .docker: common.runtime?.rawValue
            case .auto, .process, nil: nil
            }
        do {
            try ReproductionFolder(folder: folder).enter(script, engine: engine)
        } catch let failure as FolderFailure {
            throw BadInput(text: "\(failure)", hint: "run it in a writable directory")
        } catch let failure as LaunchFailure {
            throw BadInput(text: failure.description)
        }
    }

    /// The error for an id that is not the id of an attempt.
    private func unknown(in history: HistoryReader) async throws -> BadInput {
        switch try await history.kind(of: attempt) {
        case .run(let id):
            let attempts = try await history.runs.run(id)?.attempts.map(\.id) ?? []
            return BadInput(text: "`\(attempt)` is a run, expected an attempt", hint: Self.list(attempts))
        case .build(let key):
            let attempts = try await history.builds.build(key)?.attempts.map(\.id) ?? []
            return BadInput(text: "`\(attempt)` is a build, expected an attempt", hint: Self.list(attempts))
        case .episode:
            return BadInput(
                text: "`\(attempt)` is an episode, expected an attempt",
                hint: "`canary show \(attempt)` shows its run, `canary show RUN` lists its attempts")
        case .search:
            return BadInput(
                text: "`\(attempt)` is a search, expected an attempt",
                hint: "`canary show \(attempt)` lists its attempts")
        case .attempt, nil:
            var known: [String] = []
            for run in try await history.runs.newest(limit: 10) {
                known += try await history.runs.run(run.start.id)?.attempts.map(\.id) ?? []
            }
            let nearest = NearestName.of(attempt, among: known) ?? known.first { $0.hasPrefix(attempt) }
            return BadInput(
                text: "no attempt matches `\(attempt)`",
                hint: nearest.map { "did you mean \(quoted($0))?" }
                    ?? "expected an id like `\(known.last ?? "a261121193005-4f3a9c1b")`: `canary show RUN` lists them")
        }
    }

    private static func list(_ attempts: [String]) -> String {
        attempts.isEmpty ? "it has no attempts" : "its attempts: \(attempts.prefix(10).joined(separator: ", "))"
    }
}

/// `canary.reproduce/1`.
private struct ReproductionDocument: Document {
    let schema = "canary.reproduce/1"
    let attempt: String
    let project: String
    let revision: String
    let variant: String
    let lane: String
    let stage: Nullable<String>
    let image: Nullable<String>
    let upstreams: [String: String]
    let warnings: [String]
    let script: String

    init(_ reproduction: Reproduction, script: String) {
        let order = reproduction.build.order
        attempt = reproduction.attempt
        project = order.project
        revision = order.revision
        variant = order.variant
        lane = order.lane.rawValue
        stage = Nullable(reproduction.failing?.rawValue)
        image = Nullable(order.container?.image)
        upstreams = Dictionary(
            reproduction.upstreams.map { ($0.order.project, $0.order.revision) },
            uniquingKeysWith: { first, _ in first })
        warnings = reproduction.warnings
        self.script = script
    }
}
