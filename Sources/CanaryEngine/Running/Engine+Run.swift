// SPDX-License-Identifier: Apache-2.0

import CanaryHistory
import CanaryModel
import CanaryRunner
import Foundation

extension Engine {
    /// Makes one pass: resolve, plan, build, record, judge.
    ///
    /// - Returns: the id of the run, whose record in history says all.
    /// - Throws: `EngineError`, `HistoryError`; `EngineError` `interrupted` when `stop` was raised.
    package func run(
        _ request: RunRequest, stop: StopSignal, events: AsyncStream<RunEvent>.Continuation
    ) async throws -> String {
        let failing = request.failedOnly ? try await history.failingJobs() : []
        let selection = try request.selection(in: stack, failing: failing)
        let started = now()
        let id = Identifier.make(.run, at: started)
        try await recorder.begin(
            RunStart(
                id: id, trigger: request.trigger, judged: request.isJudged, startedAt: started,
                driver: .thisProcess()))
        events.yield(.began(run: id, projects: stack.graph.projects.count))
        let resolver = Resolver(stack: stack, folder: folder, state: state, overrides: request.overrides, git: git)
        var pass = try await prepare(
            id, request, selection: selection, resolver: resolver, stop: stop, events: events, at: started)
        pass.conductor.probing = request.probing
        return try await conduct(pass, for: request, startedAt: started)
    }

    private func prepare(
        _ id: String, _ request: RunRequest, selection: Selection, resolver: Resolver, stop: StopSignal,
        events: AsyncStream<RunEvent>.Continuation, at date: Date
    ) async throws -> RunWave {
        let environments = await environments(request.overrides)
        let snapshot = try await unlessStopped(stop, run: id) {
            await resolver.snapshot(for: selection, environments: environments, now: date)
        }
        try await recorder.record(snapshot, of: id)
        do {
            try resolver.demandOverrides(in: snapshot)
        } catch {
            _ = try await recorder.interrupt(run: id, at: now())
            throw error
        }
        var knowledge = try await history.jobs.knowledge(of: stack.jobs)
        // Who asks for more than the heads wants to see it built.
        if !request.isJudged { knowledge.broken = [] }
        var input = PlanInput(
            stack: stack, snapshot: snapshot, knowledge: knowledge, selection: selection, now: date)
        if let hours = request.hours { input = Budget.applied(to: input, hours: hours) }
        let conductor = AttemptConductor(
            run: id, engine: self, resolver: resolver, stop: stop, knowledge: knowledge,
            judge: try await history.decisions.judgeState().judge(of: stack, at: date), events: events)
        let pass = RunWave(conductor: conductor, input: input)
        events.yield(.planned(pass.plan))
        return pass
    }

    /// Where builds run now, but for what `overrides` state.
    func environments(_ overrides: Overrides) async -> Environments {
        guard let containers else { return await Environments.ofProcesses(stack) }
        return await Environments.of(stack, in: containers).replacing(overrides.environments)
    }

    private func conduct(_ opened: RunWave, for request: RunRequest, startedAt: Date) async throws -> String {
        var pass = opened
        let conductor = pass.conductor
        try await pass.conduct()
        try await retry(&pass)
        var judging = RunJudge(
            run: conductor.run, startedAt: startedAt, stack: stack, kept: try await history.decisions.judgeState())
        var verdicts = judging.left(pass.plan.jobs)
        if request.isJudged {
            try await ask(pass, for: &judging)
            try await endIfStopped(conductor.stop, run: conductor.run)
            let (judged, updated) = judging.judged(pass.plan.jobs)
            verdicts = judged
            let telling = NoticeComposer(run: conductor.run, at: startedAt, stack: stack, history: history)
            if request.notifies {
                verdicts.entries = try await telling.entries(for: verdicts, updated: updated, plan: pass.plan)
            }
        }
        try await endIfStopped(conductor.stop, run: conductor.run)
        verdicts.jobs = verdicts.jobs.filter { pass.recorded[$0.planned.job] != $0 }
        try await recorder.finishRun(conductor.run, at: now(), with: verdicts)
        verdicts.transitions.forEach { conductor.events.yield(.moved($0)) }
        conductor.events.yield(.ended(run: conductor.run))
        return conductor.run
    }

    /// Makes the builds without which the run cannot be judged.
    private func ask(_ pass: RunWave, for judging: inout RunJudge) async throws {
        let jobs = pass.plan.jobs
        while !pass.conductor.stop.isRaised {
            let (confirm, control) = (judging.owed(.confirm, by: jobs), judging.owed(.control, by: jobs))
            guard !confirm.isEmpty || !control.isEmpty else { return }
            if !confirm.isEmpty {
                for (job, said) in try await pass.confirm(confirm) { judging.add(said, of: job, to: .confirm) }
            }
            if !control.isEmpty {
                for (job, said) in try await pass.control(control) { judging.add(said, of: job, to: .control) }
            }
        }
    }

    /// What infrastructure spoiled is tried once more, now that all else is done.
    private func retry(_ pass: inout RunWave) async throws {
        let conductor = pass.conductor
        let input = pass.input
        let spoiled = input.finished.values.filter(\.outcome.isSpoiled).count + input.snapshot.failures
        guard spoiled > 0, !conductor.stop.isRaised else { return }
        conductor.events.yield(.retrying(spoiled))
        let snapshot = try await unlessStopped(conductor.stop, run: conductor.run) {
            await conductor.resolver.snapshot(
                for: input.selection, environments: await environments(conductor.resolver.overrides),
                previous: input.snapshot, now: input.now)
        }
        try await recorder.record(snapshot, of: conductor.run)
        pass.forgetErrors(resolving: snapshot)
        try await pass.conduct()
    }

    // MARK: - Stopping

    /// Runs `body`; when the stop signal is raised meanwhile, `body` is cancelled and the run closed.
    private func unlessStopped<T: Sendable>(
        _ stop: StopSignal, run: String, _ body: @escaping @Sendable () async -> T
    ) async throws -> T {
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
        try await endIfStopped(stop, run: run)
        guard let result else { throw EngineError(.interrupted, "interrupted") }
        return result
    }

    private func endIfStopped(_ stop: StopSignal, run: String) async throws {
        guard stop.isRaised else { return }
        _ = try await recorder.interrupt(run: run, at: now())
        throw EngineError(.interrupted, "interrupted")
    }
}
