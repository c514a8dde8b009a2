// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CanaryDaemon
import CanaryEngine
import CanaryFiles
import CanaryHistory
import CanaryJudge
import CanaryModel
import CanaryNotifications
import CanaryServer
import CanaryText
import Foundation

/// `canary run`.
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Run the stack once: resolve, plan, build, record, judge.",
        discussion: """
            Builds what changed against what it depends on; what has not changed is not built again. Runs on the branch \
            heads named in the manifests change verdicts; with `--at`, `--source`, `--lock` or `--until` results are \
            recorded and shared, but not judged.

            \(ExitCode.table)
            """)

    @OptionGroup var selection: SelectionOptions

    @Option(name: .long, help: ArgumentHelp("Who or what started this run.", valueName: "name"))
    var trigger = "manual"

    @Flag(name: .long, help: "Send notices to the stack's receivers; without it they are printed as `would tell`.")
    var notify = false

    @Option(
        name: .long, help: "When to exit with 1: on any `failure`, or only if a job is `broken`.")
    var failOn: FailOn = .failure

    @Flag(name: .long, help: "If a daemon holds the state folder, queue the request there and return at once.")
    var detach = false

    @Flag(
        name: .long,
        help: "After the run, bisect the jobs that fail, within `limits.probes`; confirm what earlier runs found."
    )
    var bisect = false

    @OptionGroup var stateLock: StateLockOptions
    @OptionGroup var common: CommonOptions

    func run() async throws {
        var request = try selection.request()
        request.trigger = trigger
        request.notifies = notify
        let stack = try common.loadStack()
        // Before anything is built: a missing secret is an error at once, not after the builds.
        let receivers = try notify ? common.receivers(of: stack) : []
        if !stateLock.noWait, StateLock.isServed(common.stateFolder) {
            return try await runInDaemon(request, stack: stack)
        }
        let (session, run, stories) = try await stateLock.interruptible { stop in
            let session = try await StateSession.open(
                stack: stack, verb: "run", options: stateLock, stop: stop, common: common)
            let searches = RunSearches(session: session, stop: stop, common: common, notifies: notify)
            if bisect { try await searches.confirm() }
            let run = try await conduct(request, session: session, stop: stop)
            return (session, run, bisect ? try await searches.search() : [])
        }
        if notify { try await deliver(to: receivers, outbox: session.history.outbox) }
        try await report(run, of: session.history.reader, stories)
    }

    /// Delivers for a limited time.
    ///
    /// Notices that a receiver does not accept wait for the next `--notify`, or for a daemon.
    private func deliver(to receivers: [any Receiver], outbox: Outbox) async throws {
        let reports = try await NoticeDispatcher(outbox: outbox, receivers: receivers).deliver(
            within: .seconds(120))
        for line in reports.flatMap(\.lines) where !common.quiet { Console.note(line) }
    }

    private func report(_ run: String, of history: HistoryReader, _ stories: [SearchStory] = []) async throws {
        guard let record = try await history.runs.run(run) else { throw ExitCode.infrastructure }
        let tests = try await history.tests.jobTests(in: run)
        if common.json {
            let builds = try await history.builds.builds(of: run)
            Console.result(try RunDocument(record, builds: builds, tests: tests).json())
        } else {
            Console.result(RunReport(record, tests: tests, verbose: common.verbose, isSent: notify).text)
            for story in stories {
                let facts = try await history.facts(of: story)
                let job = story.chain[0].start.job.map { "\($0): " } ?? ""
                Console.result("\n\(job)\(SearchReport(story: story, facts, options: common.typed).text)")
            }
        }
        throw failOn == .broken && record.exitCode == .breakage && !record.hasBroken ? .success : record.exitCode
    }

    /// Queues the run with the daemon that holds the state folder, and reports it.
    private func runInDaemon(_ request: RunRequest, stack: Stack) async throws {
        let daemon = try DaemonRequest(stack: stack, state: common.stateFolder)
        guard let record = try await daemon.follow(.run(request), origin: "run", detach: detach, stateLock, common)
        else { return }
        guard let run = record.run else { throw ExitCode.infrastructure }
        try await report(run, of: daemon.history)
    }

    private func conduct(_ request: RunRequest, session: StateSession, stop: StopSignal) async throws -> String {
        let (events, continuation) = AsyncStream.makeStream(of: RunEvent.self)
        let progress = Progress(isQuiet: common.quiet, isLive: Console.isLive, hasColour: Console.hasColour)
        async let shown: Void = progress.show(events)
        do {
            let run = try await session.engine.run(request, stop: stop, events: continuation)
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

/// What makes a verb exit with status 1.
enum FailOn: String, CaseIterable, ExpressibleByArgument {
    /// A job failed, whatever its verdict.
    case failure
    /// The verdict of a job is broken.
    case broken
}

extension DispatchReport {
    /// One line for each delivery, and for each receiver that the stack no longer has.
    var lines: [String] {
        attempts.map { delivery in
            guard let error = delivery.error else { return "notified `\(delivery.receiver)`: \(delivery.title)" }
            let next = delivery.isGivenUp ? "given up" : "will be retried"
            return "could not deliver \"\(delivery.title)\" to `\(delivery.receiver)`: \(error); \(next)"
        } + unknown.map { "notices are waiting for `\($0)`, which is not a receiver of the stack" }
    }
}

extension RunRecord {
    /// Whether the verdict of a job is broken after this run.
    var hasBroken: Bool { jobs.contains { $0.verdict == .broken } }

    /// 1 if a job failed unexpectedly or is blocked by one that failed; 3 if only infrastructure failed.
    var exitCode: ExitCode {
        var results = Set(jobs.filter { $0.expectedIssue == nil }.compactMap(\.result))
        if results.contains(.blocked) {
            // A job can be blocked by something without a job: a support build, or a release that cannot be fetched.
            results.formUnion(attempts.compactMap(\.outcome?.result))
            if snapshot.releases.values.contains(where: { $0.source == nil }) { results.insert(.error) }
        }
        let isStillBroken = jobs.contains { $0.planned.reason.code == .stillBroken }
        if isStillBroken || results.contains(where: \.isFailure) { return .breakage }
        return results.contains(.error) ? .infrastructure : .success
    }
}
