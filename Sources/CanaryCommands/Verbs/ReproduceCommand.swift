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
        commandName: "reproduce", abstract: "Print a shell script that makes an attempt again, on any machine.",
        discussion: """
            The script needs git and podman or docker alone. Run in an empty folder, it clones the project and all \
            its upstreams at the revisions that the attempt used, builds them in order in the attempt's image, and \
            ends as the failing stage ends:

              canary reproduce ATTEMPT > reproduce.sh
              mkdir place && cd place && sh ../reproduce.sh

            An attempt of `--runtime process` is made again by plain processes, with the tools of the machine that \
            the script runs on. Revisions come from history, recipes from the manifests as they are now; a recipe \
            that has changed is warned of. A revision that its repository has lost is still in the state folder: name \
            that by `--source PROJECT=STATE/mirrors/PROJECT.git`. `canary show RUN` lists the attempts of a run.

            With `--shell` the exit status is that of the shell.

            \(ExitCode.table)
            """)

    @Argument(help: "The attempt's id, a...; one that passed will do too.")
    var attempt: String

    @Flag(
        name: .long,
        help: "Instead of printing: build in ./canary-reproduce-ATTEMPT, and open a shell before the failing stage.")
    var shell = false

    @OptionGroup var sources: SourceOptions
    @OptionGroup var common: CommonOptions

    func run() async throws {
        guard !shell || !common.json else {
            throw BadInput(text: "`--json` prints a document, `--shell` opens a shell: expected one of them")
        }
        guard !shell || Console.isInteractive else {
            throw BadInput(
                text: "`--shell` needs a terminal on standard input and output",
                hint: "without `--shell` the script is printed; `sh reproduce.sh` needs no terminal")
        }
        let stack = try common.loadStack(showingWarnings: false)
        let history = try KnownHistory.open(common, of: stack)
        guard let record = try await history.attempt(attempt) else { throw try await unknown(in: history) }
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
        Console.note("builds in `\(folder)`: it stays when the shell ends, remove it when you are done")
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

    /// What to say of an id that is no attempt's.
    private func unknown(in history: History) async throws -> BadInput {
        switch try await history.kind(of: attempt) {
        case .run(let id):
            let attempts = try await history.run(id)?.attempts.map(\.id) ?? []
            return BadInput(text: "`\(attempt)` is a run, expected an attempt", hint: Self.list(attempts, of: "it"))
        case .build(let key):
            let attempts = try await history.build(key)?.attempts.map(\.id) ?? []
            return BadInput(text: "`\(attempt)` is a build, expected an attempt", hint: Self.list(attempts, of: "it"))
        case .episode:
            return BadInput(
                text: "`\(attempt)` is an episode, expected an attempt",
                hint: "`canary show \(attempt)` names its run, `canary show RUN` the attempts")
        case .search:
            return BadInput(
                text: "`\(attempt)` is a search, expected an attempt",
                hint: "`canary show \(attempt)` names its attempts")
        case .attempt, nil:
            var known: [String] = []
            for run in try await history.runs(limit: 10) {
                known += try await history.run(run.start.id)?.attempts.map(\.id) ?? []
            }
            let nearest = NearestName.of(attempt, among: known) ?? known.first { $0.hasPrefix(attempt) }
            return BadInput(
                text: "no attempt is called `\(attempt)`",
                hint: nearest.map { "did you mean \(quoted($0))?" }
                    ?? "expected an id like `\(known.last ?? "a261121193005-4f3a9c1b")`: `canary show RUN` lists them")
        }
    }

    private static func list(_ attempts: [String], of what: String) -> String {
        attempts.isEmpty ? "\(what) has none" : "its attempts: \(attempts.prefix(10).joined(separator: ", "))"
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
