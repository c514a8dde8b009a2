// SPDX-License-Identifier: Apache-2.0

import CanaryFiles
package import CanaryHistory
import CanaryJudge
import CanaryModel
import CanaryRunner
import Foundation

/// Drives a state folder for as long as it lives: what the schedule, moved heads and people ask for, one at a time.
///
/// All that it must not forget is in history: after its death at any instant the next one takes up where it was.
package struct Daemon: Sendable {
    let engine: Engine
    let stop: StopSignal
    let hooks: DaemonHooks
    private let watch: HistoryWatch

    /// So often the clock and the inbox are looked at; a look at an inbox that has not changed costs no query.
    private static let beat = Duration.milliseconds(250)
    /// For so long a daemon waits that could not read or write history.
    private static let respite = Duration.seconds(30)

    /// A daemon that drives with `engine` until `stop` is raised.
    ///
    /// - Throws: `HistoryError` when history cannot be watched.
    package init(engine: Engine, stop: StopSignal, hooks: DaemonHooks) throws(HistoryError) {
        self.engine = engine
        self.stop = stop
        self.hooks = hooks
        watch = try HistoryWatch(engine.history)
    }

    /// Works until the stop signal is raised.
    package func run() async throws {
        var agenda = try await makeAgenda()
        var seen: Int64 = .min
        var searchAt = Date.distantPast
        while !stop.isRaised, !Task.isCancelled {
            do {
                let version = try watch.version()
                if version != seen {
                    seen = version
                    if try await serveRequest(&agenda) { continue }
                }
                if let chore = agenda.next(at: engine.now()) {
                    (seen, searchAt) = (.min, .distantPast)
                    do {
                        try await perform(chore, &agenda)
                    } catch {
                        agenda.putBack(chore)
                        throw error
                    }
                    continue
                }
                if engine.stack.limits.probes > 0, searchAt <= engine.now() {
                    try await search(besides: agenda)
                    // What was broken off goes on as soon as there is nothing else to do.
                    searchAt = engine.now().addingTimeInterval(Self.searchPause)
                }
            } catch let error as EngineError where error.code == .interrupted {
                continue
            } catch {
                hooks.say("\(error)")
                await pause(Self.respite)
            }
            await pause(Self.beat)
        }
    }

    /// Waits, not longer than until the stop signal is raised.
    private func pause(_ time: Duration) async {
        let until = ContinuousClock.now + time
        while !stop.isRaised, !Task.isCancelled, ContinuousClock.now < until {
            try? await Task.sleep(for: min(Self.beat, ContinuousClock.now.duration(to: until)))
        }
    }

    private func makeAgenda() async throws -> Schedule {
        let last = try await engine.history.runs.newest(limit: 20).first { $0.start.judged }
        let backups = engine.stack.operation.backup.map { BackupFolder($0, stackFolder: engine.folder) }
        return Schedule(
            stack: engine.stack, now: engine.now(), lastRun: last?.start.startedAt,
            isUnfinished: last?.state == .interrupted, lastBackup: backups?.newest)
    }

    // MARK: - Chores

    private func perform(_ chore: Schedule.ScheduledTask, _ agenda: inout Schedule) async throws {
        switch chore {
        case .scheduled(let variants):
            var request = RunRequest()
            request.trigger = "schedule"
            if variants.count < engine.stack.variants.count { request.variants = variants.sorted() }
            try await pass(request, budgeted: true, &agenda)
        case .again(let projects):
            var request = RunRequest()
            request.trigger = "retry"
            request.projects = projects.sorted()
            request.downstream = true
            try await pass(request, budgeted: true, &agenda)
        case .reprobe:
            let projects = try await suspectedProjects()
            guard !projects.isEmpty else { return }
            var request = RunRequest()
            request.trigger = "reprobe"
            request.projects = projects
            try await pass(request, budgeted: true, &agenda)
        case .poll: try await poll(&agenda)
        case .digest: hooks.post()
        case .backup: try await backUp()
        case .tidy: try await tidy()
        }
    }

    private func suspectedProjects() async throws -> [String] {
        let judge = try await engine.history.decisions.judgeState().judge(of: engine.stack, at: engine.now())
        // Only a slow cadence has anything to be looked at before its time.
        return Set(engine.stack.jobs.filter { judge.reprobeAt($0) != nil }.map(\.project)).sorted()
    }

    private func poll(_ agenda: inout Schedule) async throws {
        let moved = try await movedProjects()
        guard !moved.isEmpty, !stop.isRaised else { return }
        hooks.say("moved: \(moved.joined(separator: ", "))")
        var request = RunRequest()
        request.trigger = "poll"
        if moved.count < engine.stack.graph.projects.count {
            request.projects = moved
            request.downstream = true
        }
        try await pass(request, budgeted: true, &agenda)
    }

    /// The projects whose heads are not those of the last judged run that ended.
    private func movedProjects() async throws -> [String] {
        let resolver = Resolver(
            stack: engine.stack, folder: engine.folder, state: engine.state, overrides: Overrides(), git: engine.git)
        let asking = Task { [engine] in
            await resolver.snapshot(for: Selection(), environments: Environments(), now: engine.now())
        }
        let snapshot = await stop.watching({ asking.cancel() }) { await asking.value }
        let known = try await engine.history.runs.latestHeads()
        return engine.stack.graph.projects.map(\.name).filter { name in
            guard let revision = snapshot.revisions[name]?.source?.revision else { return false }
            return known[name] != revision
        }
    }

    private func backUp() async throws {
        guard let backup = engine.stack.operation.backup else { return }
        let folder = BackupFolder(backup, stackFolder: engine.folder)
        let target = try folder.place(for: engine.now())
        _ = try await HistoryFile.copy(engine.state.database, to: target)
        folder.prune()
        hooks.say("wrote the backup `\(target)`")
    }

    private func tidy() async throws {
        let keeper = GarbageCollector(
            stack: engine.stack, state: engine.state, history: engine.history, now: engine.now())
        await keeper.tidy(engine.recorder.retention)
        let clearance = try await keeper.decide()
        guard !clearance.removals.isEmpty else { return }
        let failed = try await keeper.carryOut(clearance, recorder: engine.recorder.retention, stop: stop)
        hooks.say("tidied: \(clearance.removals.count - failed.count) removed")
    }
}
