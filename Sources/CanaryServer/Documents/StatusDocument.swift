// SPDX-License-Identifier: Apache-2.0

import CanaryHistory
import CanaryJudge
import CanaryModel
import CanaryText
import Foundation

/// What history says about the jobs of a stack.
struct StatusFacts: Sendable {
    /// Each job's own facts.
    var overview: [JobID: JobOverview] = [:]
    /// The tests of the newest build of each job.
    var tests: [JobID: JobTests] = [:]
    /// The judge's memory.
    var judge = JudgeState()
    /// The jobs that fail, or failed, with one error.
    var clusters: [FailureCluster] = []
    /// When history last changed; nil if it is empty.
    var lastChange: Date?
}

/// `canary.status/1`: the status of every job; a function of history and manifests alone.
package struct StatusDocument: Document {
    package let schema = "canary.status/1"
    let generatedAt: Nullable<Date>
    let nextRunBy: Nullable<Date>
    let stack: String
    let jobs: [StatusFields]
    let clusters: [ClusterFields]

    /// The document of `stack`, of all of its jobs or of `jobs` alone.
    init(stack: Stack, facts: StatusFacts, only jobs: Set<JobID>? = nil) {
        let lastChange = facts.lastChange
        generatedAt = Nullable(lastChange)
        nextRunBy = Nullable(stack.nextRun(after: lastChange))
        self.stack = stack.name
        let links = SiteLinks(stack.siteURL)
        let judge = lastChange.map { facts.judge.judge(of: stack, at: $0) }
        let shown = stack.jobs.filter { jobs?.contains($0) ?? true }
        self.jobs = shown.map { job in
            let isHeld = stack.graph[job.project]?.hold?.holds(at: lastChange ?? .distantPast) ?? false
            return StatusFields(
                job, overview: facts.overview[job], tests: facts.tests[job], rule: judge?.rule(for: job), held: isHeld,
                fingerprint: facts.clusters.first { $0.holds(job) }?.fingerprint, links: links)
        }
        clusters = facts.clusters.filter { $0.isShared && shown.contains(where: $0.holds) }.map(ClusterFields.init)
    }
}

/// Jobs that fail, or failed, with one error, in documents.
struct ClusterFields: Encodable, Sendable {
    struct Member: Encodable, Sendable {
        let job: String
        let episode: String
        let since: Date
        let until: Nullable<Date>
    }

    let fingerprint: String
    let since: Nullable<Date>
    let jobs: [Member]

    init(_ cluster: FailureCluster) {
        fingerprint = cluster.fingerprint
        since = Nullable(cluster.members.first?.since)
        jobs = cluster.members.map {
            Member(job: $0.job.description, episode: $0.episode, since: $0.since, until: Nullable($0.until))
        }
    }
}

/// The status of a job, in documents.
struct StatusFields: Encodable, Sendable {
    struct Known: Encodable, Sendable {
        let at: Date
        let run: String
        let key: String
        let snapshot: SnapshotFields

        init(_ build: JobBuild, job: JobID) {
            at = build.at
            run = build.run
            key = build.key
            snapshot = SnapshotFields(of: build, project: job.project, variant: job.variant)
        }
    }

    struct Episode: Encodable, Sendable {
        let id: String
        let openedAt: Date
        let culprits: [String]
        let culprit: Nullable<CulpritFields>
        let firstError: Nullable<OutcomeFields.Error>
        let fingerprint: Nullable<String>
        let url: Nullable<String>
    }

    let job: String
    let verdict: String
    let flaky: Bool
    let stale: Bool
    let held: Bool
    let since: Nullable<Date>
    let pagesAt: Nullable<Date>
    let lastResult: Nullable<String>
    let lastRunAt: Nullable<Date>
    let lastKnownGood: Nullable<Known>
    let firstKnownBad: Nullable<Known>
    let episode: Nullable<Episode>
    let expectedFailure: Nullable<String>
    let tests: Nullable<JobTestFields>

    init(
        _ id: JobID, overview: JobOverview?, tests: JobTests?, rule: PageRule?, held isHeld: Bool,
        fingerprint: String?, links: SiteLinks
    ) {
        job = id.description
        verdict = (overview?.verdict ?? .unknown).rawValue
        flaky = overview?.memory.flakes.isFlapping ?? false
        stale = overview?.silentSince != nil
        held = isHeld
        since = Nullable(overview?.since)
        pagesAt = Nullable(
            overview?.memory.verdict == .suspected ? overview?.memory.episode.flatMap { rule?.pagesAt($0) } : nil)
        lastResult = Nullable(overview?.lastResult?.rawValue)
        lastRunAt = Nullable(overview?.lastRunAt)
        lastKnownGood = Nullable(overview?.lastKnownGood.map { Known($0, job: id) })
        firstKnownBad = Nullable(overview?.firstKnownBad.map { Known($0, job: id) })
        episode = Nullable(
            overview?.episode.map { episode in
                Episode(
                    id: episode.id, openedAt: episode.openedAt,
                    culprits: episode.culprit.map { ["\($0.commit.project)@\($0.commit.revision)"] } ?? [],
                    culprit: Nullable(episode.culprit.map(CulpritFields.init)),
                    firstError: Nullable(episode.firstError.map(OutcomeFields.Error.init)),
                    fingerprint: Nullable(fingerprint),
                    url: Nullable(links.page(of: id)))
            })
        expectedFailure = Nullable(overview?.expectedIssue)
        self.tests = Nullable(tests.map { JobTestFields($0) })
    }
}
