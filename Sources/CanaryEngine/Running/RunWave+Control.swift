// SPDX-License-Identifier: Apache-2.0

import CanaryJudge
import CanaryModel

extension RunWave {
    /// Builds `jobs` again on the inputs on which they passed; returns what that shows, infrastructure errors included.
    func confirm(_ jobs: Set<JobID>) async throws -> [JobID: Evidence] {
        guard !jobs.isEmpty else { return [:] }
        var again = PlanInput(
            stack: input.stack, snapshot: input.snapshot, knowledge: input.knowledgeNow,
            selection: Selection(jobs: jobs, forced: true), now: input.now)
        again.finished = input.finished.filter { $0.value.outcome.result != .passed }
        let builds = Planner.plan(again).builds.filter { $0.isReady && !Set($0.jobs).isDisjoint(with: jobs) }
        let stageJobs = conductor.engine.stageJobs(among: builds.count)
        let results = try await builds.mapBounded(conductor.engine.stack.limits.jobs) { [conductor] build in
            guard !conductor.stop.isRaised, let key = build.key else { return (build.jobs, Evidence.none) }
            let finished = try await conductor.attempt(
                build.explained(by: .confirming), key: key, purpose: .confirm, stageJobs: stageJobs)
            return (build.jobs, Evidence(of: finished))
        }
        var answers = Dictionary(uniqueKeysWithValues: jobs.map { ($0, Evidence.none) })
        for (built, evidence) in results { for job in built where jobs.contains(job) { answers[job] = evidence } }
        return answers
    }

    /// Rebuilds the last known good of `jobs` now, without caches; returns what that shows, infrastructure errors included.
    func control(_ jobs: Set<JobID>) async throws -> [JobID: Evidence] {
        let stageJobs = conductor.engine.stageJobs(among: jobs.count)
        let results = try await jobs.sorted().mapBounded(conductor.engine.stack.limits.jobs) { job in
            (job, try await control(job, stageJobs: stageJobs))
        }
        return Dictionary(uniqueKeysWithValues: results)
    }

    private func control(_ job: JobID, stageJobs: Int) async throws -> Evidence {
        guard let good = input.knowledge.lastKnownGood[job] else { return .none }
        var again = PlanInput(
            stack: input.stack, snapshot: snapshot(of: good, for: job), knowledge: input.knowledgeNow,
            selection: Selection(jobs: [job], forced: true), now: input.now)
        while !conductor.stop.isRaised, let build = Planner.plan(again).builds.first(where: \.isReady),
            let key = build.key
        {
            if build.jobs.contains(job) {
                let finished = try await conductor.attempt(
                    build.explained(by: .controlling), key: key, purpose: .control, stageJobs: stageJobs)
                return Evidence(of: finished)
            }
            // An upstream whose prefix is gone is built first; if it fails, so does the control.
            let finished = try await conductor.attempt(build, key: key, purpose: .control, stageJobs: stageJobs)
            guard finished.outcome.result == .passed else { return Evidence(of: finished) }
            again.finished[key] = finished
        }
        return .none
    }

    /// The inputs of `good` and nothing else; plain processes run in the current environment.
    private func snapshot(of good: JobBuild, for job: JobID) -> Snapshot {
        let sources = good.upstreams.mapValues { Resolution.source($0) }
        let own = [job.project: Resolution.source(good.source)]
        var snapshot = Snapshot(environments: input.snapshot.environments)
        snapshot.revisions = job.lane == .head ? sources.merging(own) { $1 } : own
        snapshot.releases = job.lane == .release ? sources : [:]
        if job.lane == .release {
            // Projects without releases were used at their heads.
            for (project, source) in sources where snapshot.revisions[project] == nil {
                snapshot.revisions[project] = source
            }
        }
        for (pin, resolution) in input.snapshot.pins { snapshot.pins[pin] = sources[pin.project] ?? resolution }
        if conductor.engine.containers != nil { snapshot.environments[job.variant] = good.environment }
        return snapshot
    }
}

extension DecisionReason {
    fileprivate static let confirming = DecisionReason(
        .confirm, "the same inputs again, before the episode is closed")
    fileprivate static let controlling = DecisionReason(
        .control, "the last known good again, before anybody is notified")
}
