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
        commandName: "bisect", abstract: "Find the commit that broke something, with a stated confidence.",
        discussion: """
            Weighs every answer by how often builds mislead, so that one accident blames nobody. Run the same command \
            again to continue an interrupted search.

            EXIT STATUS:
              0    one commit, or a set of indistinguishable commits, was found
              1    no commit: flake, environment, unresolved, not monotone, nothing changed
              2    the input is wrong: usage, names, a command that cannot be executed
              3    the infrastructure failed, or the command stopped the search
              130  interrupted
            """,
        subcommands: [UpstreamBisection.self, CommandBisection.self])
}

/// `canary bisect command`.
struct CommandBisection: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "command",
        abstract: "Search any git repository with a command that exits with 0 for good commits.",
        discussion: """
              canary bisect command --good v1.2 -- sh -c 'make && ./run-test'

            The command runs in a private checkout of the commit, in the folder that you are in, with your environment \
            and no standard input; nothing in your repository changes. It exits with 0 for a good commit, with 125 for one \
            that cannot be judged, and with any other status from 1 to 127 for a bad one; 128 and above stop the search. \
            Files that it names are those of each commit, or yours where the good commit has none. Submodules are not \
            checked out.

            A good commit can be on another branch, such as a release; `--good` can be given several times. If a command \
            fails at the good commit too, and passed nowhere, the search ends with 2 and shows its last lines.

            Answers, and the output of each probe, are stored in the folder `canary` of the git directory.
            """)

    @Option(name: .long, help: ArgumentHelp("The repository.", valueName: "dir"))
    var repository = "."

    @Option(name: .long, help: ArgumentHelp("A commit that passes; can be repeated.", valueName: "rev"))
    var good: [String]

    @Option(name: .long, help: ArgumentHelp("A commit that fails.", valueName: "rev"))
    var bad = "HEAD"

    @OptionGroup var bisection: BisectionOptions
    @OptionGroup var overrides: OverrideOptions
    @OptionGroup var stateLock: StateLockOptions
    @OptionGroup var common: CommonOptions

    @Argument(parsing: .postTerminator, help: ArgumentHelp("The command, after `--`.", valueName: "cmd"))
    var command: [String]

    func validate() throws {
        guard !command.isEmpty else { throw ValidationError("expected a command after `--`") }
    }

    func run() async throws {
        let folder = FileManager.default.currentDirectoryPath
        let target = try await CommandBisectTarget.make(
            { () async throws(RangeProblem) in
                try await RangeEnds.resolve(CommonOptions.canonical(repository), goods: good, bad: bad, git: Git())
            }, words: command, folder: folder)
        let probe = try await target.probe(environment: ProcessInfo.processInfo.environment)
        let state = try state(of: target)
        let chain = try await stateLock.interruptible { stop in
            let lock = try await stateLock.take(state, verb: "bisect command", stop: stop)
            defer { withExtendedLifetime(lock) {} }
            let history = try History.open(path: state.database, stack: CommandSearch.stack)
            return try await search(target, with: probe, in: state, history: history, stop: stop, folder: folder)
        }
        let story = SearchStory(chain)
        Console.result(common.json ? try BisectDocument(story).json() : report(story, target, state).text)
        if !story.isFound { throw ExitCode.breakage }
    }

    /// The folder `canary` in the git directory, or `command` in the folder of `--state` if that is given.
    private func state(of target: CommandBisectTarget) throws -> StateFolder {
        guard common.state != ".canary" else { return target.repository.state }
        try StateLock.open(common.stateFolder)
        return StateFolder(path: common.stateFolder.path + "/command")
    }

    private func search(
        _ target: CommandBisectTarget, with probe: CommandProbe, in state: StateFolder, history: History,
        stop: StopSignal, folder: String
    ) async throws -> [SearchRecord] {
        let output = common.verbose ? Console.writeOutput : nil
        return try await SearchProgress.showing(common) { events in
            let search = CommandSearch(
                target, command: probe, state: state, history: history, stop: stop, events: events, output: output)
            return try await search.run(
                digest: target.digest(folder: folder), settings: bisection.choices.settings(), fresh: bisection.fresh)
        }
    }

    private func report(_ story: SearchStory, _ target: CommandBisectTarget, _ state: StateFolder) -> SearchReport {
        var report = SearchReport(story: story)
        report.check = { target.check($0.commit.revision, at: CommonOptions.canonical(repository)) }
        report.notes = target.files.notes.map { "  files       \($0)" }
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

extension CommandBisectTarget {
    /// A command line that checks `revision` by hand: in the caller's checkout at `folder`, or in a clone where there is
    /// none.
    fileprivate func check(_ revision: String, at folder: String) -> String {
        let command = words.map(ShellWord.typed).joined(separator: " ")
        guard repository.isBare else {
            let folder = ShellWord.typed(folder)
            return "git -C \(folder) checkout --detach \(revision) && (cd \(folder) && \(command))"
        }
        return "d=$(mktemp -d) && git clone --quiet --no-checkout \(ShellWord.typed(repository.common)) \"$d\" && "
            + "git -C \"$d\" checkout --quiet --detach \(revision) && (cd \"$d\" && \(command))"
    }
}

extension SearchStory {
    /// Whether a commit or a set was found.
    var isFound: Bool { verdict?.kind == .culprit || verdict?.kind == .set }
}
