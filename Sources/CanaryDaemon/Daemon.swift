// SPDX-License-Identifier: Apache-2.0

package import CanaryEngine
import CanaryFiles
package import CanaryHistory
import CanaryJudge
import CanaryModel
import Foundation

/// Holds a state folder as long as it runs: does what the schedule, new commits and requests ask for, one at a time.
///
/// Everything it must remember is in history: after any kind of exit, the next daemon continues where it stopped.
package struct Daemon: Sendable {
    private let engine: Engine
    private let stop: StopSignal
    private let hooks: DaemonHooks
    private let watch: HistoryWatch
    private let runs: DaemonRuns
    private let requests: RequestHandler
    private let searches: BackgroundSearches

    /// How often the clock and the inbox are checked; checking an unchanged inbox costs no query.
    private static let interval = Duration.milliseconds(250)
    /// How long the daemon waits when history could not be read or written.
    private static let backOff = Duration.seconds(30)

    /// A daemon that works with `engine` until `stop` is raised.
    ///
    /// - Throws: `HistoryError` when history cannot be watched.
    package init(engine: Engine, stop: StopSignal, hooks: DaemonHooks) throws(HistoryError) {
        var engine = engine
        engine.shared = SharedBuilds(slots: engine.stack.limits.jobs)
        engine.gate = BuildGate()
        let cancellations = Cancellations(engine: engine, stop: stop)
        self.engine = engine
        self.stop = stop
        self.hooks = hooks
        watch = try HistoryWatch(engine.history)
        searches = BackgroundSearches(engine: engine, hooks: hooks)
        runs = DaemonRuns(engine: engine, hooks: hooks, searches: searches, cancellations: cancellations)
        requests = RequestHandler(
            engine: engine, hooks: hooks, runs: runs, searches: searches, cancellations: cancellations)
    }

    /// Works until the stop signal is raised.
    package func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await searches.run(until: stop) }
            do { try await work() } catch {
                // Searches end with the work that they are beside.
                stop.raise()
                throw error
            }
            try await group.waitForAll()
        }
    }

    private func work() async throws {
        var schedule = try await makeSchedule()
        var seen: Int64 = .min
        while !stop.isRaised, !Task.isCancelled {
            do {
                try await recordFindings()
                let version = try watch.version()
                if version != seen {
                    seen = version
                    if try await requests.handleNext(&schedule) { continue }
                }
                if let task = schedule.next(at: engine.now()) {
                    seen = .min
                    do {
                        try await perform(task, &schedule)
                    } catch {
                        schedule.putBack(task)
                        throw error
                    }
                    continue
                }
            } catch let error as EngineError where error.code == .interrupted {
                continue
            } catch {
                hooks.say("\(error)")
                await pause(Self.backOff)
            }
            await pause(Self.interval)
        }
    }

    /// Records what searches have found, and notifies about commits that are confirmed.
    private func recordFindings() async throws {
        for finding in searches.collect() where try await engine.record(finding, notifies: true) {
            guard let culprit = finding.culprit else { continue }
            let state = culprit.isConfirmed ? "confirmed" : "not confirmed yet"
            hooks.say("\(finding.job): broken by \(culprit.commit.project) \(culprit.commit.revision), \(state)")
            hooks.post()
        }
    }

    /// Waits until `time` has passed or the stop signal is raised.
    private func pause(_ time: Duration) async {
        let until = ContinuousClock.now + time
        while !stop.isRaised, !Task.isCancelled, ContinuousClock.now < until {
            try? await Task.sleep(for: min(Self.interval, ContinuousClock.now.duration(to: until)))
        }
    }

    private var backups: BackupFolder? {
        engine.stack.operation.backup.map { BackupFolder($0, stackFolder: engine.folder) }
    }

    private func makeSchedule() async throws -> Schedule {
        let last = try await engine.history.runs.newest(limit: 20).first { $0.start.judged }
        return Schedule(
            stack: engine.stack, now: engine.now(), lastRun: last?.start.startedAt,
            isUnfinished: last?.state == .interrupted, lastBackup: backups?.newest)
    }

    // MARK: - Scheduled tasks

    private func perform(_ task: Schedule.ScheduledTask, _ schedule: inout Schedule) async throws {
        switch task {
        case .digest: hooks.post()
        case .backup: try await backUp()
        // What a search builds on must not be removed under it.
        case .tidy: try await searches.halted(until: stop) { try await tidy() }
        case .scheduled, .again, .reprobe, .poll:
            if let request = try await request(for: task) { try await runs.run(request, budgeted: true, &schedule) }
        }
    }

    /// The run that `task` needs; nil if there is nothing to build.
    private func request(for task: Schedule.ScheduledTask) async throws -> RunRequest? {
        var request = RunRequest()
        switch task {
        case .scheduled(let variants):
            request.trigger = "schedule"
            if variants.count < engine.stack.variants.count { request.variants = variants.sorted() }
        case .again(let projects):
            request.trigger = "retry"
            request.projects = projects.sorted()
            request.downstream = true
        case .reprobe:
            request.trigger = "reprobe"
            request.projects = try await suspectedProjects()
            guard !request.projects.isEmpty else { return nil }
        case .poll:
            request.trigger = "poll"
            let changed = try await changedProjects()
            guard !changed.isEmpty, !stop.isRaised else { return nil }
            hooks.say("new commits: \(changed.joined(separator: ", "))")
            if changed.count < engine.stack.graph.projects.count {
                request.projects = changed
                request.downstream = true
            }
        case .digest, .backup, .tidy: return nil
        }
        return request
    }

    /// The projects with suspected jobs of a slow cadence; others are not built before their time.
    private func suspectedProjects() async throws -> [String] {
        let judge = try await engine.history.decisions.judgeState().judge(of: engine.stack, at: engine.now())
        return Set(engine.stack.jobs.filter { judge.reprobeAt($0) != nil }.map(\.project)).sorted()
    }

    /// The projects whose branch heads differ from those of the last finished judged run.
    private func changedProjects() async throws -> [String] {
        let resolving = Task { [engine] in await engine.branchHeads() }
        let heads = await stop.watching({ resolving.cancel() }) { await resolving.value }
        let known = try await engine.history.runs.latestHeads()
        return engine.stack.graph.projects.map(\.name).filter { name in
            guard let revision = heads[name] else { return false }
            return known[name] != revision
        }
    }

    private func backUp() async throws {
        guard let backups else { return }
        let target = try backups.path(for: engine.now())
        _ = try await HistoryFile.copy(engine.state.database, to: target)
        backups.prune()
        hooks.say("wrote the backup `\(target)`")
    }

    private func tidy() async throws {
        let collector = GarbageCollector(
            stack: engine.stack, state: engine.state, history: engine.history, now: engine.now())
        await collector.tidy(engine.recorder.retention)
        let plan = try await collector.decide()
        let failed = try await collector.carryOut(plan, recorder: engine.recorder.retention, stop: stop)
        guard !plan.removals.isEmpty else { return }
        hooks.say("garbage collection removed \(plan.removals.count - failed.count)")
    }
}
