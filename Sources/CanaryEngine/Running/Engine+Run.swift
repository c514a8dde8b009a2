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
        try await history.begin(
            RunStart(
                id: id, trigger: request.trigger, judged: request.isJudged, startedAt: started,
                driver: .thisProcess()))
        events.yield(.began(run: id, projects: stack.graph.projects.count))
        let resolver = Resolver(stack: stack, folder: folder, state: state, overrides: request.overrides, git: git)
        var pass = try await prepare(
            id, selection: selection, resolver: resolver, stop: stop, events: events, at: started)
        pass.conductor.probing = request.probing
        return try await conduct(pass, judged: request.isJudged, startedAt: started)
    }

    private func prepare(
        _ id: String, selection: Selection, resolver: Resolver, stop: StopSignal,
        events: AsyncStream<RunEvent>.Continuation, at date: Date
    ) async throws -> Pass {
        let environments = await environments()
        let snapshot = try await unlessStopped(stop, run: id) {
            await resolver.snapshot(for: selection, environments: environments, now: date)
        }
        try await history.record(snapshot, of: id)
        do {
            try resolver.demandOverrides(in: snapshot)
        } catch {
            _ = try await history.interrupt(run: id, at: now())
            throw error
        }
        let knowledge = try await history.knowledge(of: stack.jobs)
        let input = PlanInput(
            stack: stack, snapshot: snapshot, knowledge: knowledge, selection: selection, now: date)
        let conductor = AttemptConductor(
            run: id, engine: self, resolver: resolver, stop: stop, knowledge: knowledge,
            standings: try await history.standings(), events: events)
        let pass = Pass(conductor: conductor, input: input)
        events.yield(.planned(pass.plan))
        return pass
    }

    func environments() async -> Environments {
        if let containers { return await Environments.of(stack, in: containers) }
        return await Environments.ofProcesses(stack)
    }

    private func conduct(_ opened: Pass, judged: Bool, startedAt: Date) async throws -> String {
        var pass = opened
        let conductor = pass.conductor
        try await pass.conduct()
        try await retry(&pass)
        var confirmations: [String: FinishedBuild] = [:]
        if judged { confirmations = try await pass.confirm(jobsToConfirm(pass.plan, standings: conductor.standings)) }
        try await endIfStopped(conductor.stop, run: conductor.run)
        let judging = Judging(
            run: conductor.run, startedAt: startedAt, standings: conductor.standings, confirmations: confirmations,
            stack: stack)
        let verdicts = judged ? judging.judge(pass.plan.jobs) : judging.leave(pass.plan.jobs)
        let changed = verdicts.jobs.filter { pass.recorded[$0.planned.job] != $0 }
        try await history.record(changed, transitions: verdicts.transitions, of: conductor.run)
        verdicts.transitions.forEach { conductor.events.yield(.moved($0)) }
        try await history.finishRun(conductor.run, at: now(), wouldTell: verdicts.messages)
        conductor.events.yield(.ended(run: conductor.run))
        return conductor.run
    }

    /// What infrastructure spoiled is tried once more, now that all else is done.
    private func retry(_ pass: inout Pass) async throws {
        let conductor = pass.conductor
        let input = pass.input
        let spoiled = input.finished.values.filter(\.outcome.isSpoiled).count + input.snapshot.failures
        guard spoiled > 0, !conductor.stop.isRaised else { return }
        conductor.events.yield(.retrying(spoiled))
        let snapshot = try await unlessStopped(conductor.stop, run: conductor.run) {
            await conductor.resolver.snapshot(
                for: input.selection, environments: await environments(), previous: input.snapshot, now: input.now)
        }
        try await history.record(snapshot, of: conductor.run)
        pass.forgetErrors(resolving: snapshot)
        try await pass.conduct()
    }

    private func jobsToConfirm(_ plan: Plan, standings: [JobID: Standing]) -> Set<JobID> {
        let candidates = plan.jobs.filter { job in
            guard let finished = job.finished else { return false }
            let verdict = standings[job.job]?.verdict ?? .unknown
            let judgement = Judge.weigh(
                Evidence(of: finished), on: verdict, onFallback: !job.fallback.isEmpty)
            return judgement == .needsConfirmation
        }
        return Set(candidates.map(\.job))
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
        _ = try await history.interrupt(run: run, at: now())
        throw EngineError(.interrupted, "interrupted")
    }
}
