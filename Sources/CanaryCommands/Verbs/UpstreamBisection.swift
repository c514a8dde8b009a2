// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CanaryEngine
import CanaryHistory
import CanaryModel
import CanaryServer
import CanaryText
import Foundation

/// `canary bisect upstream`.
struct UpstreamBisection: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "upstream", abstract: "Search the commit that broke a project of the stack.",
        discussion: """
            Searches all that moved between the last known good and the first known bad of a job, or with `--upstream` \
            the commits of one project, all others frozen where the job is bad. With `--good` alone the project's own \
            commits are searched. Probes are builds like those of `run`: results are shared both ways. With `--jobs` \
            several go at once, and an upstream that two of them need is built once.

            When the first error names something that one upstream no longer installs, that upstream alone is asked \
            since when, and the project is built at parent and culprit only.
            """)

    @Argument(help: ArgumentHelp("The project that breaks.", valueName: "downstream"))
    var downstream: String

    @Option(name: .long, help: ArgumentHelp("Search the commits of this project alone.", valueName: "project"))
    var upstream: String?

    @Option(name: .long, help: ArgumentHelp("A revision that is good; else the last known good.", valueName: "rev"))
    var good: String?

    @Option(
        name: .long,
        help: ArgumentHelp("A revision that is bad; else the first known bad, or the head.", valueName: "rev"))
    var bad: String?

    @Option(name: .long, help: "The variant; else the first in which the project is broken.")
    var variant: String?

    @Option(name: .long, help: "The lane.")
    var lane = Lane.head

    @OptionGroup var bisection: BisectionOptions
    @OptionGroup var overrides: OverrideOptions
    @OptionGroup var driver: DriverOptions
    @OptionGroup var common: CommonOptions

    func run() async throws {
        let stack = try common.loadStack()
        var request = UpstreamRequest(downstream: downstream)
        request.upstream = upstream
        request.good = good
        request.bad = bad
        request.variant = variant
        request.lane = lane
        request.overrides = try overrides.overrides()
        let (history, chain) = try await driver.interruptible { [request] stop in
            let opened = try await StateSession.open(
                stack: stack, verb: "bisect upstream", wait: !driver.noWait, stop: stop, common: common)
            let chain = try await SearchProgress.showing(common) { events in
                let question = try await opened.engine.bisectTarget(request)
                let search = UpstreamSearch(
                    question, settings: bisection.settings(learned: question.learned), engine: opened.engine,
                    stop: stop, events: events)
                return try await search.run(fresh: bisection.fresh)
            }
            return (opened.history, chain)
        }
        let story = SearchStory(chain)
        let facts = try await history.facts(of: story)
        Console.result(common.json ? try BisectDocument(story, facts).json() : SearchReport(story: story, facts).text)
        if !story.isFound { throw ExitCode.breakage }
    }
}
