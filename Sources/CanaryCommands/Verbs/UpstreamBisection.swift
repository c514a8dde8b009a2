// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CanaryDaemon
import CanaryEngine
import CanaryHistory
import CanaryModel
import CanaryServer
import CanaryText
import Foundation

/// `canary bisect upstream`.
struct UpstreamBisection: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "upstream", abstract: "Find the upstream commit that broke a project.",
        discussion: """
            Searches everything that changed between the last known good and the first known bad of a job; with \
            `--upstream` only the commits of one project, while all others stay as they were at the bad end. With `--good` \
            alone the project's own commits are searched. Probes are builds like those of `run`: results are shared both \
            ways. With `--jobs` several run at the same time, and an upstream that two of them need is built once.

            When the first error names something that one upstream no longer installs, that upstream alone is built to \
            find out since when, and the project is built only at parent and culprit.

            With `--test` a probe is good when that test passes and bad when it fails, whatever else the build does; where \
            the test does not run, it cannot be judged. By default the search begins at the newest run in which the test \
            passed.
            If a daemon holds the state folder, the search becomes a request to it, which is followed.
            """)

    @Argument(help: ArgumentHelp("The broken project.", valueName: "downstream"))
    var downstream: String

    @Option(name: .long, help: ArgumentHelp("Search only the commits of this project.", valueName: "project"))
    var upstream: String?

    @Option(name: .long, help: ArgumentHelp("A good revision. (default: the last known good)", valueName: "rev"))
    var good: String?

    @Option(
        name: .long,
        help: ArgumentHelp("A bad revision. (default: the first known bad, else the head)", valueName: "rev"))
    var bad: String?

    @Option(name: .long, help: "The variant. (default: the first in which the project is broken)")
    var variant: String?

    @Option(name: .long, help: "The lane.")
    var lane = Lane.head

    @Option(
        name: .long,
        help: ArgumentHelp("Find since which commit this test fails, as `show ATTEMPT` names it.", valueName: "name"))
    var test: String?

    @Flag(name: .long, help: "If a daemon holds the state folder, queue the search there and return at once.")
    var detach = false

    @OptionGroup var bisection: BisectionOptions
    @OptionGroup var overrides: OverrideOptions
    @OptionGroup var stateLock: StateLockOptions
    @OptionGroup var common: CommonOptions

    func run() async throws {
        let stack = try common.loadStack()
        var request = UpstreamRequest(downstream: downstream)
        request.upstream = upstream
        request.good = good
        request.bad = bad
        request.variant = variant
        request.lane = lane
        request.test = test
        request.overrides = try overrides.overrides()
        request.choices = bisection.choices
        if !stateLock.noWait, StateLock.isServed(common.stateFolder) {
            return try await searchInDaemon(request, stack: stack)
        }
        let (history, chain) = try await stateLock.interruptible { [request] stop in
            let session = try await StateSession.open(
                stack: stack, verb: "bisect upstream", options: stateLock, stop: stop, common: common)
            let (target, chain) = try await SearchProgress.showing(common) { events in
                let target = try await session.engine.bisectTarget(request)
                var learned = target.learned
                if let test = request.test {
                    learned = try await session.history.reader.tests.flakeRate(of: test, in: target.job) ?? learned
                }
                let search = UpstreamSearch(
                    target, settings: request.choices.settings(learned: learned), engine: session.engine,
                    stop: stop, events: events)
                return (target, try await search.run(fresh: request.choices.fresh))
            }
            if let finding = EpisodeFinding(chain, of: target) {
                try await session.engine.record(finding, notifies: false)
            }
            return (session.history.reader, chain)
        }
        try await report(SearchStory(chain), of: history)
    }

    /// Queues the search with the daemon that holds the state folder, and reports it.
    private func searchInDaemon(_ request: UpstreamRequest, stack: Stack) async throws {
        let daemon = try DaemonRequest(stack: stack, state: common.stateFolder)
        let body = RequestBody.search(request)
        guard let record = try await daemon.follow(body, origin: "bisect", detach: detach, stateLock, common) else {
            return
        }
        guard let result = RequestResult(record.result), let search = result.search else {
            throw ExitCode.infrastructure
        }
        if !common.quiet { result.notes?.forEach { Console.note($0) } }
        try await report(daemon.history.story(of: search), of: daemon.history)
    }

    private func report(_ story: SearchStory, of history: HistoryReader) async throws {
        let facts = try await history.facts(of: story)
        let report = SearchReport(story: story, facts, options: common.typed + (try overrides.sources.typed()))
        Console.result(common.json ? try BisectDocument(story, facts).json() : report.text)
        if !story.isFound { throw ExitCode.breakage }
    }
}
