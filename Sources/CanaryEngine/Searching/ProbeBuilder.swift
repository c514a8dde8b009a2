// SPDX-License-Identifier: Apache-2.0

import CanaryBisection
import CanaryHistory
import CanaryModel

/// Builds one job at given revisions of itself and its upstreams, through the plan and runner of every run.
struct ProbeBuilder: Sendable {
    /// The result of a build.
    struct Built: Sendable {
        /// The run that built it.
        let run: String
        /// The outcome of the job.
        let outcome: Outcome
        /// The job's key; nil if an upstream could not be built.
        let key: String?
        /// The deciding attempt of this run; nil if a stored result was used or nothing could be built.
        let attempt: AttemptRecord?
        /// Whether anything was executed.
        let hasAttempts: Bool
        /// Whether the job or an upstream could not be built for infrastructure reasons alone.
        let isSpoiled: Bool
        /// Whether that is because the disk is full.
        let isDiskFull: Bool
        /// Whether it passed after a failure.
        let isFlaky: Bool

        /// Throws `stateFolder` if the disk was full: later probes would fail too, and spend the budget.
        func requireSpace() throws(EngineError) {
            guard !isDiskFull else {
                throw EngineError(
                    .stateFolder, "the disk is full: nothing could be built",
                    hint: "free some space and run it again: progress is kept")
            }
        }
    }

    let engine: Engine
    let job: JobID
    let stop: StopSignal
    private let sources: [String: String]
    /// See `Overrides.unmerged`.
    var unmerged: Set<String> = []

    /// - Parameters:
    ///   - engine: provides stack, state and runner; without fallback, because a probe is about exactly its revisions.
    ///   - sources: repositories that replace those of the manifests, by project.
    ///   - slots: how many builds may be requested at the same time.
    init(_ engine: Engine, job: JobID, stop: StopSignal, sources: [String: String] = [:], slots: Int = 1) {
        var strict = engine.withoutFallback
        strict.kept = KeptEnvironments()
        if slots > 1 {
            strict.shared = SharedBuilds(slots: max(slots, engine.stack.limits.jobs), isOfOneSearch: true)
        }
        self.engine = strict
        self.job = job
        self.stop = stop
        self.sources = sources
    }

    /// The key of the job at `revisions`, or of the same job of another `project`; nil if its upstreams are not built.
    func key(at revisions: [String: String], of project: String? = nil) async throws -> String? {
        let job = sibling(project)
        let overrides = overrides(revisions)
        let selection = Selection(jobs: [job])
        let now = engine.now()
        let snapshot = await engine.resolver(overrides).snapshot(
            for: selection, environments: await engine.environments(overrides), now: now)
        let input = PlanInput(
            stack: engine.stack, snapshot: snapshot, knowledge: try await engine.history.jobs.knowledge(of: [job]),
            selection: selection, now: now)
        return Planner.plan(input).jobs.first { $0.job == job }?.key
    }

    private func overrides(_ revisions: [String: String]) -> Overrides {
        var overrides = Overrides(sources: sources, revisions: revisions)
        overrides.unmerged = unmerged
        overrides.unpinned = Set(revisions.keys)
        // The image is searched like a project, but is not in a repository.
        overrides.environments[job.variant] = overrides.revisions.removeValue(forKey: Commit.imageAxis)
        return overrides
    }

    /// The job of another project in the same variant and lane.
    private func sibling(_ project: String?) -> JobID {
        JobID(project: project ?? job.project, variant: job.variant, lane: job.lane)
    }

    /// Builds the job at `revisions`, or uses its stored result.
    ///
    /// - Parameters:
    ///   - probing: the purpose of the job's own build, which is then built once; nil as in a usual run.
    ///   - forced: whether it is built even if a result is stored.
    func build(
        at revisions: [String: String], of project: String? = nil, probing: AttemptPurpose?, trigger: String,
        forced: Bool
    ) async throws -> Built {
        let job = sibling(project)
        var request = RunRequest()
        request.projects = [job.project]
        request.variants = [job.variant]
        request.lanes = [job.lane]
        request.trigger = trigger
        request.forced = forced
        request.overrides = overrides(revisions)
        request.probing = probing
        let (_, ignored) = AsyncStream.makeStream(of: RunEvent.self, bufferingPolicy: .bufferingNewest(1))
        let id = try await gated { try await engine.run(request, stop: stop, events: ignored) }
        guard let record = try await engine.history.runs.run(id),
            let row = record.jobs.first(where: { $0.planned.job == job })
        else { throw EngineError(.stopped, "the run `\(id)` left no record of `\(job)`") }
        let own = record.attempts.last { $0.key == row.planned.key && $0.outcome != nil }
        let others = record.attempts.filter { $0.key != row.planned.key }.compactMap(\.outcome)
        let isBlocked = row.outcome?.result == .blocked
        // Blocked by what was built is an answer; blocked by what could not be fetched, or not be built here, is none.
        let isDecided = others.map { ProbeAnswer(of: $0) }.contains { $0 == .fail || $0 == .untestable }
        let isSpoiled =
            row.outcome?.result == .error && row.outcome.map { ProbeAnswer(of: $0) } == .error
            || isBlocked && !isDecided
        let outcomes = [row.outcome] + record.attempts.map(\.outcome)
        return Built(
            run: id, outcome: row.outcome ?? Outcome(result: .cancelled), key: row.planned.key, attempt: own,
            hasAttempts: !record.attempts.isEmpty, isSpoiled: isSpoiled,
            isDiskFull: isSpoiled && outcomes.contains { $0?.reason == .environmentDiskFull },
            isFlaky: row.flaky)
    }
}

extension ProbeBuilder {
    /// Runs `body` once the engine's gate is open.
    private func gated<Value>(_ body: () async throws -> Value) async throws -> Value {
        guard let gate = engine.gate else { return try await body() }
        return try await gate.pass(stop, body)
    }
}

extension Engine {
    /// The same engine for a stack without fallback.
    fileprivate var withoutFallback: Engine {
        var strict = self
        strict.stack = Stack(
            name: stack.name, title: stack.title, runtime: stack.runtime, fallback: .none, siteURL: stack.siteURL,
            variants: stack.variants, graph: stack.graph, operation: stack.operation, limits: stack.limits,
            policy: stack.policy, notify: stack.notify)
        return strict
    }
}
