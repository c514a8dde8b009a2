// SPDX-License-Identifier: Apache-2.0

import CanaryHistory
import CanaryJudge
import CanaryModel
import CanaryRunner
import Foundation

extension WorkOrder {
    /// The order for one attempt of a planned build.
    init(_ build: PlannedBuild, attempt: String, prefixKey: String, jobs: Int, container: ContainerSpec?) {
        self.init(
            attempt: attempt, environment: build.environment, project: build.project,
            revision: build.source.revision, prefixKey: prefixKey, variant: build.variant, lane: build.lane,
            recipe: build.recipe,
            upstreams: build.upstreams.compactMap { upstream in
                upstream.key.map { UpstreamPrefix(project: upstream.project, key: $0) }
            },
            sourceDateEpoch: Int(build.source.committedAt.timeIntervalSince1970), jobs: jobs, limits: build.limits,
            container: container)
    }
}

extension BuildRecord {
    /// The record of a planned build.
    init(of build: PlannedBuild, key: String) {
        self.init(
            key: key, project: build.project, source: build.source, recipe: build.recipeDigest,
            environment: build.environment, variant: build.variant,
            upstreams: build.upstreams.compactMap { upstream in
                upstream.key.map { UpstreamBuild(project: upstream.project, key: $0, direct: upstream.direct) }
            }, partial: build.partial)
    }
}

extension RunningAttempt {
    init(of build: PlannedBuild, id: String, purpose: AttemptPurpose, startedAt: Date, expected: Double?) {
        self.init(
            attempt: id, project: build.project, variant: build.variant, jobs: build.jobs, purpose: purpose,
            reason: build.reason, startedAt: startedAt, expected: expected)
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
