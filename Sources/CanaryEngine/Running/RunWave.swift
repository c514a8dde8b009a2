// SPDX-License-Identifier: Apache-2.0

import CanaryHistory
import CanaryJudge
import CanaryModel

/// The builds of a run: starts what is ready, longest expected chain first, and plans again after every build.
struct RunWave {
    var conductor: AttemptConductor
    private(set) var input: PlanInput
    private(set) var plan: Plan
    private(set) var recorded: [JobID: RunJob] = [:]
    private var attempted: Set<String> = []

    private var engine: Engine { conductor.engine }

    init(conductor: AttemptConductor, input: PlanInput) {
        self.conductor = conductor
        self.input = input
        plan = Planner.plan(input)
    }

    /// Builds everything that can be built; afterwards `plan` is complete.
    mutating func conduct() async throws {
        // Repeated only when a forced build ends differently from the stored result that others were built on.
        repeat { try await drain() } while plan.builds.contains(where: \.isReady) && !conductor.stop.isRaised
    }

    private mutating func drain() async throws {
        var planner = Replanner(input)
        try await replan(with: &planner)
        try await withThrowingTaskGroup(of: (String, FinishedBuild).self) { group in
            var running: Set<String> = []
            start(&group, &running)
            while let (key, finished) = try await group.next() {
                running.remove(key)
                planner.note(finished, of: key)
                try await replan(with: &planner)
                start(&group, &running)
            }
        }
        input = planner.input
        plan = Planner.plan(input)
    }

    private mutating func replan(with planner: inout Replanner) async throws {
        plan = planner.next()
        try await recordDecisions()
    }

    private mutating func start(
        _ group: inout ThrowingTaskGroup<(String, FinishedBuild), any Error>, _ running: inout Set<String>
    ) {
        guard !conductor.stop.isRaised, running.count < engine.stack.limits.jobs else { return }
        let ready = plan.builds.filter { build in build.key.map { !running.contains($0) } ?? false }
            .sorted { ($0.rank, $1.project) > ($1.rank, $0.project) }
        let stageJobs = engine.stageJobs(among: running.count + ready.count)
        for build in ready.prefix(engine.stack.limits.jobs - running.count) {
            guard let key = build.key else { continue }
            running.insert(key)
            let isAgain = !attempted.insert(key).inserted
            group.addTask { [conductor] in
                (key, try await conductor.share(build, key: key, isAgain: isAgain, stageJobs: stageJobs))
            }
        }
    }

    /// Forgets results with infrastructure errors, so that they are planned again.
    mutating func forgetErrors(resolving snapshot: Snapshot) {
        let spoiled = input.finished.filter(\.value.outcome.isWorthRetry).map(\.key)
        spoiled.forEach { input.finished[$0] = nil }
        input.snapshot = snapshot
    }

    /// Records every job once, in the plan's order, and again when its decision becomes final or a retry changes it.
    private mutating func recordDecisions() async throws {
        var changed: [RunJob] = []
        for job in plan.jobs where !isRecorded(job) {
            let row = RunJob(of: job, verdict: conductor.judge.state(of: job.job).verdict)
            recorded[job.job] = row
            changed.append(row)
            if job.finished != nil, job.action != .build { conductor.events.yield(.decided(job)) }
        }
        guard !changed.isEmpty else { return }
        try await engine.recorder.record(changed, transitions: [], of: conductor.run)
    }

    /// Whether the decision about `job` is recorded; an open job is recorded once.
    ///
    /// The end of the run compares them all.
    private func isRecorded(_ job: PlannedJob) -> Bool {
        guard let row = recorded[job.job] else { return false }
        return job.finished == nil
            || (row.outcome == job.finished?.outcome && row.planned.key == job.key
                && row.planned.action == job.action)
    }
}
