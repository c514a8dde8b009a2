// SPDX-License-Identifier: Apache-2.0

import CanaryBisection
import CanaryHistory
import CanaryModel
import Foundation

/// Builds one job at given revisions of itself and its upstreams, through the plan and runner of every run.
struct ProbeBuilder: Sendable {
    /// What a build came to.
    struct Built: Sendable {
        /// The run that made it.
        let run: String
        /// What the job ended with.
        let outcome: Outcome
        /// The job's key; nil when an upstream could not be built.
        let key: String?
        /// The attempt of this run that decided; nil when a stored result did, or nothing could be built.
        let attempt: AttemptRecord?
        /// Whether an upstream, or the job, could not be built for reasons of the infrastructure alone.
        let isSpoiled: Bool
        /// Whether it is spoiled because the disk is full.
        let isDiskFull: Bool
        /// Whether a pass came behind a failure.
        let isFlaky: Bool

        /// Throws `stateFolder` when the disk was full: whatever is asked next would fare no better, and cost probes.
        func demandRoom() throws(EngineError) {
            guard !isDiskFull else {
                throw EngineError(
                    .stateFolder, "the disk is full: nothing could be built",
                    hint: "make room; what was found so far is kept: ask again")
            }
        }
    }

    let engine: Engine
    let job: JobID
    let stop: StopSignal
    private let sources: [String: String]

    /// - Parameters:
    ///   - engine: whose stack, state and runner serve; no red upstream is replaced, for a probe asks about just these
    ///     revisions.
    ///   - sources: other repositories by project.
    ///   - places: how many may be asked for at once.
    init(_ engine: Engine, job: JobID, stop: StopSignal, sources: [String: String] = [:], places: Int = 1) {
        var strict = engine.withoutFallback
        if places > 1 { strict.shared = SharedBuilds(places: max(places, engine.stack.limits.jobs)) }
        self.engine = strict
        self.job = job
        self.stop = stop
        self.sources = sources
    }

    /// The key of the job at `revisions`, as far as its upstreams are built; that of another project's job alike.
    func key(at revisions: [String: String], of project: String? = nil) async throws -> String? {
        let job = sibling(project)
        let overrides = overrides(revisions)
        let resolver = Resolver(
            stack: engine.stack, folder: engine.folder, state: engine.state, overrides: overrides, git: engine.git)
        let selection = Selection(jobs: [job])
        let now = engine.now()
        let snapshot = await resolver.snapshot(
            for: selection, environments: await engine.environments(overrides), now: now)
        let input = PlanInput(
            stack: engine.stack, snapshot: snapshot, knowledge: try await engine.history.jobs.knowledge(of: [job]),
            selection: selection, now: now)
        return Planner.plan(input).jobs.first { $0.job == job }?.key
    }

    private func overrides(_ revisions: [String: String]) -> Overrides {
        var overrides = Overrides()
        overrides.revisions = revisions
        overrides.sources = sources
        // The image is an axis like a project, but nothing that a repository has.
        overrides.environments[job.variant] = overrides.revisions.removeValue(forKey: Commit.imageAxis)
        return overrides
    }

    /// The job of another project in the same variant and lane.
    private func sibling(_ project: String?) -> JobID {
        JobID(project: project ?? job.project, variant: job.variant, lane: job.lane)
    }

    /// Builds the job at `revisions`, or finds what it ended with.
    ///
    /// - Parameters:
    ///   - probing: what the job's own build is made for: then it is made once; nil as in any run.
    ///   - forced: whether it is built although it is stored.
    func build(
        at revisions: [String: String], of project: String? = nil, probing: AttemptPurpose?, trigger: String,
        forced: Bool
    ) async throws -> Built {
        let wanted = sibling(project)
        var request = RunRequest()
        request.projects = [wanted.project]
        request.variants = [wanted.variant]
        request.lanes = [wanted.lane]
        request.trigger = trigger
        request.forced = forced
        request.overrides = overrides(revisions)
        request.probing = probing
        let (_, ignored) = AsyncStream.makeStream(of: RunEvent.self, bufferingPolicy: .bufferingNewest(1))
        let id = try await engine.run(request, stop: stop, events: ignored)
        guard let record = try await engine.history.runs.run(id),
            let row = record.jobs.first(where: { $0.planned.job == wanted })
        else { throw EngineError(.stopped, "the run `\(id)` left no record of `\(wanted)`") }
        let own = record.attempts.last { $0.key == row.planned.key && $0.outcome != nil }
        let others = record.attempts.filter { $0.key != row.planned.key }.compactMap(\.outcome)
        let isBlocked = row.outcome?.result == .blocked
        let isSpoiled =
            row.outcome?.result == .error
            || isBlocked && !others.contains { $0.result.isFailure } && others.contains { $0.result == .error }
        let outcomes = [row.outcome] + record.attempts.map(\.outcome)
        return Built(
            run: id, outcome: row.outcome ?? Outcome(result: .cancelled), key: row.planned.key, attempt: own,
            isSpoiled: isSpoiled,
            isDiskFull: isSpoiled && outcomes.contains { $0?.reason == .environmentDiskFull },
            isFlaky: row.flaky)
    }
}

extension Engine {
    /// The same house with a stack in which nothing stands in for a red upstream.
    fileprivate var withoutFallback: Engine {
        let strict = Stack(
            name: stack.name, title: stack.title, runtime: stack.runtime, fallback: .none, siteURL: stack.siteURL,
            variants: stack.variants, graph: stack.graph, operation: stack.operation, limits: stack.limits,
            policy: stack.policy, notify: stack.notify)
        return Engine(
            stack: strict, folder: folder, state: state, history: store, runner: runner, containers: containers,
            git: git, now: now)
    }
}
