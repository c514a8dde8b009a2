// SPDX-License-Identifier: Apache-2.0

import CanaryJudge
import CanaryModel

extension AttemptConductor {
    /// Builds, or takes the result of a concurrent run; a job itself is built by each run.
    func share(
        _ build: PlannedBuild, key: String, isAgain: Bool, stageJobs: Int
    ) async throws -> FinishedBuild {
        guard let shared = engine.shared else {
            return try await self.build(build, key: key, isAgain: isAgain, stageJobs: stageJobs)
        }
        let sharing: SharedBuilds.Sharing = build.jobs.isEmpty ? .one : probing == nil ? .inTurn : .each
        return try await stop.watching({ Task { await shared.wake() } }) {
            try await shared.build(key, sharing, stop: stop) { isConcurrent in
                var conductor = self
                conductor.isConcurrent = isConcurrent
                return try await conductor.build(build, key: key, isAgain: isAgain, stageJobs: stageJobs)
            }
        }
    }

    /// Builds once and, if that fails, as often again as the policy says; a pass after a failure is flaky.
    ///
    /// Jobs known to be broken get no reruns: they would show nothing new.
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
            // An infrastructure error is not evidence: the first result stands.
            if again.outcome.result.isFailure { last = again }
        }
        return last
    }
}
