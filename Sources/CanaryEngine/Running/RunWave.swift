// SPDX-License-Identifier: Apache-2.0

import CanaryFiles
import CanaryHistory
import CanaryJudge
import CanaryModel
import Foundation

/// One pass over the stack: starts what is ready, longest expected chain first, and plans again after every build.
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

    /// Builds all that can be built; `plan` is whole when this returns.
    mutating func conduct() async throws {
        // Once more only where a forced build ended otherwise than what stood for it while others were built on that.
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

    /// Forgets what infrastructure spoiled, so that planning asks for it once more.
    mutating func forgetErrors(resolving snapshot: Snapshot) {
        let spoiled = input.finished.filter(\.value.outcome.isSpoiled).map(\.key)
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

    /// Whether what decides about `job` is recorded; an open job is recorded once.
    ///
    /// The end of the run compares all.
    private func isRecorded(_ job: PlannedJob) -> Bool {
        guard let row = recorded[job.job] else { return false }
        return job.finished == nil
            || (row.outcome == job.finished?.outcome && row.planned.key == job.key
                && row.planned.action == job.action)
    }
}

extension AttemptConductor {
    /// Builds, or takes what a pass beside this one built for all: the job that is asked about is built for each.
    func share(
        _ build: PlannedBuild, key: String, isAgain: Bool, stageJobs: Int
    ) async throws -> FinishedBuild {
        guard let shared = engine.shared else {
            return try await self.build(build, key: key, isAgain: isAgain, stageJobs: stageJobs)
        }
        return try await shared.build(key, isForAll: build.jobs.isEmpty) { isBeside in
            guard !stop.isRaised else { return FinishedBuild(outcome: Outcome(result: .cancelled)) }
            var conductor = self
            conductor.isBeside = isBeside
            return try await conductor.build(build, key: key, isAgain: isAgain, stageJobs: stageJobs)
        }
    }

    /// Builds once and, when that fails, as often again as the policy says; a pass behind a failure is flaky.
    ///
    /// Of what is known to be broken a rerun teaches nothing.
    func build(
        _ build: PlannedBuild, key: String, isAgain: Bool, stageJobs: Int
    ) async throws -> FinishedBuild {
        let usual: AttemptPurpose = isAgain ? .rerun : build.reason.code == .forced ? .forced : .first
        let probing = build.jobs.isEmpty ? nil : probing
        let purpose = probing ?? usual
        let reruns = probing == nil ? judge.reruns(for: build.jobs) : 0
        var last = try await attempt(build, key: key, purpose: purpose, stageJobs: stageJobs)
        for _ in 0..<reruns where last.outcome.result.isFailure && !stop.isRaised {
            let again = try await attempt(build, key: key, purpose: .rerun, stageJobs: stageJobs)
            if again.outcome.result == .passed {
                return FinishedBuild(outcome: again.outcome, flaky: true, tree: again.tree)
            }
            // Infrastructure is no evidence: what the first attempt said stands.
            if again.outcome.result.isFailure { last = again }
        }
        return last
    }
}

extension RunJob {
    init(of planned: PlannedJob, verdict: Verdict, unconfirmed: Bool = false, expectedIssue: String? = nil) {
        var planned = planned
        planned.finished = planned.finished.map {
            FinishedBuild(outcome: $0.outcome, flaky: unconfirmed || $0.flaky)
        }
        self.init(planned: planned, verdict: verdict, expectedIssue: expectedIssue)
    }
}

extension Outcome {
    /// Whether infrastructure spoiled it; a wrong or unused upstream would be the same when tried again at once.
    var isSpoiled: Bool {
        result == .error && reason != .inspectWrongUpstream && reason != .inspectUnusedUpstream
    }
}

extension Snapshot {
    /// How many names could not be resolved.
    var failures: Int {
        (Array(revisions.values) + Array(releases.values) + Array(pins.values)).filter { $0.source == nil }.count
    }
}

extension PlanInput {
    /// What history would know if it were asked now.
    var knowledgeNow: Knowledge {
        var knowledge = knowledge
        for (key, build) in finished { if let tree = build.tree { knowledge.prefixes[key] = tree } }
        return knowledge
    }
}
