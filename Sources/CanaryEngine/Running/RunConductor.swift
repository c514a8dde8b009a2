// SPDX-License-Identifier: Apache-2.0

import CanaryHistory
import CanaryModel
import CanaryRunner
import Foundation

/// Conducts one run: resolve, plan, build, record, judge.
struct RunConductor: Sendable {
    let id: String
    let startedAt: Date
    let request: RunRequest
    let engine: Engine
    let stop: StopSignal
    let events: AsyncStream<RunEvent>.Continuation

    private var history: HistoryReader { engine.history }
    private var recorder: Recorder { engine.recorder }

    /// Runs to the end; returns the id of the run.
    ///
    /// See `Engine.run`.
    func run() async throws -> String {
        let failing = request.failedOnly ? try await history.failingJobs() : []
        let selection = try request.selection(in: engine.stack, failing: failing)
        try await recorder.begin(
            RunStart(
                id: id, trigger: request.trigger, judged: request.isJudged, startedAt: startedAt,
                driver: .thisProcess()))
        events.yield(.began(run: id, projects: engine.stack.graph.projects.count))
        var wave = try await plan(selection)
        try await wave.conduct()
        try await retry(&wave)
        let verdicts = try await judge(wave)
        try await endIfStopped()
        try await recorder.finishRun(id, at: engine.now(), with: verdicts)
        verdicts.transitions.forEach { events.yield(.moved($0)) }
        events.yield(.ended(run: id))
        return id
    }

    private func plan(_ selection: Selection) async throws -> RunWave {
        let resolver = engine.resolver(request.overrides)
        let snapshot = try await resolve(with: resolver, for: selection)
        do {
            try resolver.requireOverrides(in: snapshot)
        } catch {
            _ = try await recorder.interrupt(run: id, at: engine.now())
            throw error
        }
        var knowledge = try await history.jobs.knowledge(of: engine.stack.jobs)
        // A request for anything but the branch heads is built even where the result is known.
        if !request.isJudged { knowledge.broken = [] }
        var input = PlanInput(
            stack: engine.stack, snapshot: snapshot, knowledge: knowledge, selection: selection, now: startedAt)
        if let hours = request.hours { input = Budget.applied(to: input, hours: hours) }
        let conductor = AttemptConductor(
            run: id, engine: engine, resolver: resolver, stop: stop, knowledge: knowledge,
            judge: try await history.decisions.judgeState().judge(of: engine.stack, at: startedAt), events: events,
            isJudged: request.isJudged, probing: request.probing)
        let wave = RunWave(conductor: conductor, input: input)
        events.yield(.planned(wave.plan))
        return wave
    }

    /// Resolves and records; of `previous` only the failures are resolved again.
    private func resolve(
        with resolver: Resolver, for selection: Selection, previous: Snapshot? = nil
    ) async throws -> Snapshot {
        let snapshot = try await unlessStopped { [engine, startedAt] in
            let environments = await engine.environments(resolver.overrides)
            return await resolver.snapshot(
                for: selection, environments: environments, previous: previous, now: startedAt)
        }
        try await recorder.record(snapshot, of: id)
        return snapshot
    }

    /// Retries once what failed for infrastructure reasons, after everything else is done.
    private func retry(_ wave: inout RunWave) async throws {
        let input = wave.input
        let spoiled = input.finished.values.filter(\.outcome.isWorthRetry).count + input.snapshot.failures
        guard spoiled > 0, !stop.isRaised else { return }
        events.yield(.retrying(spoiled))
        let snapshot = try await resolve(
            with: wave.conductor.resolver, for: input.selection, previous: input.snapshot)
        wave.forgetErrors(resolving: snapshot)
        try await wave.conduct()
    }

    /// What is recorded at the end: verdicts if the run is judged, and the jobs that changed since they were recorded.
    private func judge(_ wave: RunWave) async throws -> RunVerdicts {
        let jobs = wave.plan.jobs
        var judge = RunJudge(
            run: id, startedAt: startedAt, stack: engine.stack, previous: try await history.decisions.judgeState())
        var verdicts = judge.unjudged(jobs)
        if request.isJudged {
            try await collectEvidence(from: wave, for: &judge)
            try await endIfStopped()
            let (judged, updated) = judge.judged(jobs)
            verdicts = judged
            if request.notifies {
                let composer = NoticeComposer(run: id, at: startedAt, stack: engine.stack, history: history)
                verdicts.entries = try await composer.entries(for: judged, updated: updated, plan: wave.plan)
            }
        }
        verdicts.jobs = verdicts.jobs.filter { wave.recorded[$0.planned.job] != $0 }
        return verdicts
    }

    /// Runs the builds without which the run cannot be judged.
    private func collectEvidence(from wave: RunWave, for judge: inout RunJudge) async throws {
        while !stop.isRaised {
            let confirm = judge.owed(.confirm, by: wave.plan.jobs)
            let control = judge.owed(.control, by: wave.plan.jobs)
            guard !confirm.isEmpty || !control.isEmpty else { return }
            for (job, evidence) in try await wave.confirm(confirm) { judge.add(evidence, of: job, to: .confirm) }
            for (job, evidence) in try await wave.control(control) { judge.add(evidence, of: job, to: .control) }
        }
    }

    // MARK: - Stopping

    /// Runs `body`; when the stop signal is raised, cancels it and closes the run.
    private func unlessStopped<T: Sendable>(_ body: @escaping @Sendable () async -> T) async throws -> T {
        let (raised, continuation) = AsyncStream.makeStream(of: Void.self)
        let result = await stop.watching({ continuation.yield() }) {
            await withTaskGroup(of: T?.self) { group in
                group.addTask { await body() }
                group.addTask {
                    for await _ in raised { break }
                    return nil
                }
                let first = await group.next() ?? nil
                continuation.finish()
                group.cancelAll()
                return first
            }
        }
        try await endIfStopped()
        guard let result else { throw EngineError.interrupted }
        return result
    }

    private func endIfStopped() async throws {
        guard stop.isRaised else { return }
        _ = try await recorder.interrupt(run: id, at: engine.now())
        throw EngineError.interrupted
    }
}
