// SPDX-License-Identifier: Apache-2.0

import CanaryHistory
package import CanaryModel
import CanaryText

/// `canary.plan/1`: what a run would do if it started now.
package struct PlanDocument: Document {
    package let schema = "canary.plan/1"
    let snapshot: SnapshotFields
    let jobs: [JobFields]
    let builds: [BuildFields]

    /// The document of `plan` on `snapshot`.
    package init(plan: Plan, snapshot: Snapshot) {
        self.snapshot = SnapshotFields(snapshot)
        jobs = plan.jobs.map(JobFields.init)
        builds = plan.builds.map(BuildFields.init)
    }
}

/// The decision about a job, in documents.
struct JobFields: Encodable, Sendable {
    struct Reason: Encodable, Sendable {
        let code: String
        let detail: String
    }

    let job: String
    let project: String
    let variant: String
    let lane: String
    let revision: Nullable<String>
    let upstreams: [String: String]
    let key: Nullable<String>
    let conditional: Bool
    let action: String
    let reason: Reason
    let redUpstreams: [String]
    let fallback: [String: String]

    init(_ planned: PlannedJob) {
        job = planned.job.description
        project = planned.job.project
        variant = planned.job.variant
        lane = planned.job.lane.rawValue
        revision = Nullable(planned.source?.revision)
        upstreams = planned.upstreams.mapValues(\.revision)
        key = Nullable(planned.key)
        conditional = planned.conditional
        action = planned.action.rawValue
        reason = Reason(code: planned.reason.code.rawValue, detail: planned.reason.detail)
        redUpstreams = planned.redUpstreams
        fallback = planned.fallback
    }
}

/// A build, in documents.
struct BuildFields: Encodable, Sendable {
    let key: Nullable<String>
    let project: String
    let revision: String
    let variant: String
    let upstreams: [String: Nullable<String>]
    let jobs: [String]

    init(_ build: BuildRecord, jobs: [JobID]) {
        key = Nullable(build.key)
        project = build.project
        revision = build.source.revision
        variant = build.variant
        upstreams = Dictionary(
            build.upstreams.map { ($0.project, Nullable($0.key)) }, uniquingKeysWith: { first, _ in first })
        self.jobs = jobs.map(\.description)
    }

    init(_ build: PlannedBuild) {
        key = Nullable(build.key)
        project = build.project
        revision = build.source.revision
        variant = build.variant
        upstreams = Dictionary(
            build.upstreams.map { ($0.project, Nullable($0.key)) }, uniquingKeysWith: { first, _ in first })
        jobs = build.jobs.map(\.description)
    }
}
