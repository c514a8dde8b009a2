// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CanaryEngine
import CanaryHistory
import CanaryModel
import CanaryPublishing
import CanaryRunner
import Foundation

/// `canary run`.
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Make one pass: resolve, plan, build, record, judge.",
        discussion: """
            Builds what changed against what it depends on; what has not changed is not built again. Runs on the \
            heads of the manifests' own branches move verdicts; with `--at`, `--source`, `--lock` or `--until` the \
            results are recorded and shared, and judge nobody.

            \(ExitCode.table)
            """)

    @OptionGroup var selection: SelectionOptions

    @Option(name: .long, help: ArgumentHelp("Who or what asked for this run.", valueName: "name"))
    var trigger = "manual"

    @Flag(
        name: .long,
        help:
            "Behind a run that moves verdicts: search what broke the jobs that became suspected, within `limits.probes`."
    )
    var bisect = false

    @OptionGroup var driver: DriverOptions
    @OptionGroup var common: CommonOptions

    func run() async throws {
        var request = try selection.request()
        request.trigger = trigger
        let stack = try common.loadStack()
        let (opened, run, stories) = try await driver.interruptible { stop in
            let opened = try await OpenedState.open(
                stack: stack, verb: "run", wait: !driver.noWait, stop: stop, common: common)
            let run = try await conduct(request, opened: opened, stop: stop)
            return (opened, run, bisect ? try await search(behind: run, opened: opened, stop: stop) : [])
        }
        guard let record = try await opened.history.run(run) else { throw ExitCode.infrastructure }
        if common.json {
            let builds = try await opened.history.builds(of: run)
            Console.result(try RunDocument(record, builds: builds).json())
        } else {
            Console.result(RunReport(record, verbose: common.verbose).text)
            for story in stories {
                let facts = try await opened.history.facts(of: story)
                let job = story.chain[0].start.job.map { "\($0): " } ?? ""
                Console.result("\n\(job)\(SearchReport(story: story, facts).text)")
            }
        }
        throw record.exitCode
    }

    /// Searches what broke the jobs that became suspected in `run`.
    private func search(behind run: String, opened: OpenedState, stop: StopSignal) async throws -> [SearchStory] {
        let suspected = try await opened.history.run(run)?.transitions.filter { $0.to == .suspected }.map(\.job) ?? []
        guard !suspected.isEmpty else { return [] }
        return try await SearchProgress.showing(common) { events in
            let searches = AutomaticSearch(engine: opened.engine, stop: stop, events: events)
            var stories: [SearchStory] = []
            for job in suspected {
                events.yield(.note("\(job): searching what broke it"))
                guard try await searches.probesLeft() > 0 else {
                    events.yield(.note("\(job): no probe is left today; see `limits.probes`"))
                    continue
                }
                let chain = try await searches.search(job)
                if !chain.isEmpty { stories.append(SearchStory(chain)) }
            }
            return stories
        }
    }

    private func conduct(_ request: RunRequest, opened: OpenedState, stop: StopSignal) async throws -> String {
        let (events, continuation) = AsyncStream.makeStream(of: RunEvent.self)
        let progress = Progress(isQuiet: common.quiet, isLive: Console.isLive, hasColour: Console.hasColour)
        async let shown: Void = progress.show(events)
        do {
            let run = try await opened.engine.run(request, stop: stop, events: continuation)
            continuation.finish()
            await shown
            return run
        } catch {
            continuation.finish()
            await shown
            throw error
        }
    }
}

extension RunRecord {
    /// 1 when a job failed other than expected, or is blocked by one that failed; 3 when infrastructure alone stood in
    /// the way.
    var exitCode: ExitCode {
        var results = Set(jobs.filter { $0.expectedIssue == nil }.compactMap(\.result))
        if results.contains(.blocked) {
            // What blocks a job need not belong to one: a support build, a release that cannot be had.
            results.formUnion(attempts.compactMap(\.outcome?.result))
            if snapshot.releases.values.contains(where: { $0.source == nil }) { results.insert(.error) }
        }
        if results.contains(where: \.isFailure) { return .breakage }
        return results.contains(.error) ? .infrastructure : .success
    }
}
