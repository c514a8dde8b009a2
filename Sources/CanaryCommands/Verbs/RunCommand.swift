// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CanaryEngine
import CanaryFiles
import CanaryHistory
import CanaryJudge
import CanaryModel
import CanaryNotifications
import CanaryRunner
import CanaryServer
import CanaryText
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

    @Flag(name: .long, help: "Send what is news to the stack's receivers; otherwise it is printed as `would tell`.")
    var notify = false

    @Option(
        name: .long, help: "What ends with status 1: any `failure`, or only what is confirmed as `broken`.")
    var failOn: FailOn = .failure

    @Flag(name: .long, help: "When a daemon drives the state folder: leave the request to it and return at once.")
    var detach = false

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
        request.notifies = notify
        let stack = try common.loadStack()
        // Before anything is built: a notice that cannot be sent is of no use to anybody.
        let receivers = try notify ? common.receivers(of: stack) : []
        if !driver.noWait, StateLock.isServed(common.stateFolder) { return try await ask(request, stack: stack) }
        let (opened, run, stories) = try await driver.interruptible { stop in
            let opened = try await StateSession.open(
                stack: stack, verb: "run", wait: !driver.noWait, stop: stop, common: common)
            let run = try await conduct(request, opened: opened, stop: stop)
            return (opened, run, bisect ? try await search(behind: run, opened: opened, stop: stop) : [])
        }
        if notify { try await deliver(to: receivers, history: opened.history) }
        try await report(run, of: opened.history, stories)
    }

    /// For a while; what a receiver does not take in it waits for the next `--notify`, or for a daemon.
    private func deliver(to receivers: [any Receiver], history: History) async throws {
        let told = try await NoticeDispatcher(history: history, receivers: receivers).deliver(within: .seconds(120))
        for line in told.flatMap(\.lines) where !common.quiet { Console.note(line) }
    }

    private func report(_ run: String, of history: History, _ stories: [SearchStory] = []) async throws {
        guard let record = try await history.run(run) else { throw ExitCode.infrastructure }
        if common.json {
            let builds = try await history.builds(of: run)
            Console.result(try RunDocument(record, builds: builds).json())
        } else {
            Console.result(RunReport(record, verbose: common.verbose, isSent: notify).text)
            for story in stories {
                let facts = try await history.facts(of: story)
                let job = story.chain[0].start.job.map { "\($0): " } ?? ""
                Console.result("\n\(job)\(SearchReport(story: story, facts).text)")
            }
        }
        throw failOn == .broken && record.exitCode == .breakage && !record.hasBroken ? .success : record.exitCode
    }

    /// Leaves the run to the daemon that drives the state folder.
    private func ask(_ request: RunRequest, stack: Stack) async throws {
        let daemon = try DaemonRequest(stack: stack, state: common.stateFolder)
        let id = try await daemon.ask(RequestBody.run(request).text(), origin: "run")
        if detach {
            let record = try await daemon.history.request(id)
            return Console.result(common.json ? try record.map { try RequestDocument($0).json() } ?? "" : id)
        }
        if !common.quiet { Console.note("a daemon drives `\(common.stateFolder.path)`: asked it as `\(id)`") }
        let record = try await driver.interruptible { stop in try await daemon.end(of: id, stop: stop) }
        switch record.state {
        case .finished:
            guard let run = record.run else { throw ExitCode.infrastructure }
            try await report(run, of: daemon.history)
        case .cancelled: throw ExitCode.interrupted
        default:
            Console.error(record.detail ?? "the request `\(id)` failed")
            throw ExitCode.infrastructure
        }
    }

    /// Searches what broke the jobs that became suspected in `run`.
    private func search(behind run: String, opened: StateSession, stop: StopSignal) async throws -> [SearchStory] {
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

    private func conduct(_ request: RunRequest, opened: StateSession, stop: StopSignal) async throws -> String {
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

/// What ends a verb with status 1.
enum FailOn: String, CaseIterable, ExpressibleByArgument {
    /// A job failed, whatever becomes of it.
    case failure
    /// A job is broken: confirmed, and news.
    case broken
}

extension DispatchReport {
    /// Which receivers were notified, and which deliveries failed.
    var lines: [String] {
        attempts.map { attempt in
            guard let error = attempt.error else { return "notified `\(attempt.receiver)`: \(attempt.title)" }
            let end = attempt.isGivenUp ? "given up" : "will be tried again"
            return "could not deliver \"\(attempt.title)\" to `\(attempt.receiver)`: \(error); \(end)"
        } + unknown.map { "notices wait for `\($0)`, which is not in the stack" }
    }
}

extension RunRecord {
    /// Whether a job is broken after it.
    var hasBroken: Bool { jobs.contains { $0.verdict == .broken } }

    /// 1 when a job failed other than expected, or is blocked by one that failed; 3 when infrastructure alone stood in
    /// the way.
    var exitCode: ExitCode {
        var results = Set(jobs.filter { $0.expectedIssue == nil }.compactMap(\.result))
        if results.contains(.blocked) {
            // What blocks a job need not belong to one: a support build, a release that cannot be had.
            results.formUnion(attempts.compactMap(\.outcome?.result))
            if snapshot.releases.values.contains(where: { $0.source == nil }) { results.insert(.error) }
        }
        let isStillBroken = jobs.contains { $0.planned.reason.code == .stillBroken }
        if isStillBroken || results.contains(where: \.isFailure) { return .breakage }
        return results.contains(.error) ? .infrastructure : .success
    }
}
