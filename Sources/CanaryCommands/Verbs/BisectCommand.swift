// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CanaryBisection
import CanaryEngine
import CanaryFiles
import CanaryGit
import CanaryHistory
import CanaryModel
import CanaryRunner
import CanaryServer
import CanaryText
import Foundation

/// `canary bisect`.
struct BisectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bisect", abstract: "Find the commit that broke something, and say how sure that is.",
        discussion: """
            Weighs every answer by how often builds mislead, so that one accident blames nobody; a search that was \
            interrupted goes on when the same is asked again.

            EXIT STATUS:
              0    a commit, or a set that nothing tells apart, was found
              1    no commit: an accident, the environment, unresolved, not monotone, nothing moved
              2    the input is wrong: usage, names, a command that cannot be executed
              3    the environment or the infrastructure failed, or the command stopped the search
              130  interrupted
            """,
        subcommands: [UpstreamBisection.self, CommandBisection.self])
}

/// `canary bisect command`.
struct CommandBisection: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "command", abstract: "Search a git repository with a command that tells good from bad.",
        discussion: """
              canary bisect command --good v1.2 -- sh -c 'make && ./run-test'

            The command runs in a private worktree of the commit in question, with this environment and no standard \
            input; your checkout, index and branches are not touched. It exits with 0 for good, with 125 when the \
            commit cannot be judged, with 1 to 127 for bad; 128 and above stop the search. A script that the commits do \
            not have is found from here. Submodules are not filled in.

            Probes are kept in the repository's git folder under `canary`, with the output of each in a log.
            """)

    @Option(name: .long, help: ArgumentHelp("The repository.", valueName: "dir"))
    var repository = "."

    @Option(name: .long, help: ArgumentHelp("A commit that passes.", valueName: "rev"))
    var good: String

    @Option(name: .long, help: ArgumentHelp("A commit that fails.", valueName: "rev"))
    var bad = "HEAD"

    @OptionGroup var bisection: BisectionOptions
    @OptionGroup var overrides: OverrideOptions
    @OptionGroup var driver: DriverOptions
    @OptionGroup var common: CommonOptions

    @Argument(parsing: .postTerminator, help: ArgumentHelp("The command, behind `--`.", valueName: "cmd"))
    var command: [String]

    func validate() throws {
        guard !command.isEmpty else { throw ValidationError("expected a command behind `--`") }
    }

    func run() async throws {
        let folder = FileManager.default.currentDirectoryPath
        let question = try await CommandBisectTarget.make(
            repository: CommonOptions.canonical(repository), good: good, bad: bad, words: command, folder: folder,
            git: Git())
        let probe = try await question.probe(environment: ProcessInfo.processInfo.environment)
        let state = state(of: question)
        let chain = try await driver.interruptible { stop in
            let lock = try await StateLock.take(state, verb: "bisect command", wait: !driver.noWait, stop: stop) {
                Console.note("waiting: `\(state.path)` is driven by \($0)")
            }
            defer { withExtendedLifetime(lock) {} }
            let history = try History.open(path: state.database, stack: CommandSearch.stack)
            return try await search(question, with: probe, in: state, history: history, stop: stop, folder: folder)
        }
        let story = SearchStory(chain)
        Console.result(common.json ? try BisectDocument(story).json() : report(story, question, state).text)
        if !story.isFound { throw ExitCode.breakage }
    }

    /// The repository's own folder, unless another is named; there beside what else it holds.
    private func state(of question: CommandBisectTarget) -> StateFolder {
        common.state == ".canary"
            ? question.repository.state : StateFolder(path: common.stateFolder.path + "/command")
    }

    private func search(
        _ question: CommandBisectTarget, with probe: CommandProbe, in state: StateFolder, history: History,
        stop: StopSignal, folder: String
    ) async throws -> [SearchRecord] {
        let output = common.verbose ? Console.writeRaw : nil
        return try await SearchProgress.showing(common) { events in
            let search = CommandSearch(
                question, command: probe, state: state, history: history, stop: stop, events: events, output: output)
            return try await search.run(
                digest: question.digest(folder: folder), settings: bisection.settings(), fresh: bisection.fresh)
        }
    }

    /// `word` as somebody would type it.
    private static func typed(_ word: String) -> String {
        word.wholeMatch(of: /[A-Za-z0-9_.,:=@%+\/-]+/) == nil ? ShellWord.quoted(word) : word
    }

    private func report(_ story: SearchStory, _ question: CommandBisectTarget, _ state: StateFolder) -> SearchReport {
        var report = SearchReport(story: story)
        let words = question.words.map(Self.typed).joined(separator: " ")
        let place = Self.typed(CommonOptions.canonical(repository))
        report.check = { "git -C \(place) checkout --detach \($0.commit.revision) && (cd \(place) && \(words))" }
        let (record, search) = story.last
        if let culprit = search.verdict?.suspects.last?.number,
            let probe = record.probes.last(where: {
                $0.probe.point == ProbePoint(prefix: culprit) && $0.probe.answer == .fail && !$0.probe.reused
            })
        {
            report.evidence.append(
                "  log         \(CommandSearch.logs(of: record.start.id, in: state))/\(probe.probe.n).log")
        }
        return report
    }
}

extension SearchStory {
    /// Whether a commit or a set was found.
    var isFound: Bool { verdict?.kind == .culprit || verdict?.kind == .set }
}
