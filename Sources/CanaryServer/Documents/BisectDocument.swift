// SPDX-License-Identifier: Apache-2.0

import CanaryBisection
import CanaryHistory
import CanaryJudge
import CanaryModel
import CanaryText
import Foundation

/// `canary.bisect/1`: the result of a search, and its probes.
package struct BisectDocument: Document {
    package let schema = "canary.bisect/1"
    let search: String
    let result: String?
    let job: Nullable<String>
    let test: Nullable<String>
    let culprit: Nullable<Culprit>
    let candidates: [Entry]
    let interaction: Nullable<Interaction>
    let edges: [[Int]]
    let commits: Int
    let good: [String: String]
    let probes: [ProbeFields]
    let builds: Int
    let confirmationBuilds: Int
    let confirmed: Bool
    let expectedBuilds: Int
    let evidence: Nullable<Evidence>
    let firstError: Nullable<OutcomeFields.Error>
    let surface: Nullable<SurfaceFields>
    let badBase: Nullable<BadBaseFields>

    /// A merge base that fails, and a good commit on another branch that passes.
    struct BadBaseFields: Encodable, Sendable {
        let revision: String
        let good: String
    }

    struct Evidence: Encodable, Sendable {
        let project: String
        let kind: String
        let name: String
        let upstreamBuilds: Int
    }

    /// How the culprit changed the files that its project installs.
    struct SurfaceFields: Encodable, Sendable {
        let went: [SurfaceDocument.Entry]
        let came: [SurfaceDocument.Entry]
        let changed: [SurfaceDocument.Entry]
    }

    struct Entry: Encodable, Sendable {
        let project: String
        let revision: String
        let subject: String
        let probability: Double

        init(_ suspect: Suspect) {
            project = suspect.commit.project
            revision = suspect.commit.revision
            subject = suspect.commit.subject ?? ""
            probability = suspect.probability
        }
    }

    struct Culprit: Encodable, Sendable {
        let project: String
        let revision: String
        let parent: String
        let subject: String
        let author: String
        let committedAt: Date
        let confidence: Double
        let pullRequest: Nullable<Int>
        let squash: Bool
        let merges: [String]
    }

    struct CommitFields: Encodable, Sendable {
        let project: String
        let revision: String
    }

    struct Interaction: Encodable, Sendable {
        let first: CommitFields
        let second: CommitFields
    }

    struct ProbeFields: Encodable, Sendable {
        let n: Int
        let phase: String
        let position: Int
        let project: String
        let revision: String
        let answer: String
        let reused: Bool
        let seconds: Double
        let startedAt: Date
        let exit: Nullable<Int>
        let attempt: Nullable<String>
        let search: String
    }

    /// The document of `story`, with further facts about its culprit.
    package init(_ story: SearchStory, _ facts: CulpritFacts = CulpritFacts()) {
        let outer = story.chain[0]
        search = outer.start.id
        result = story.verdict?.kind.rawValue
        job = Nullable(outer.start.job?.description)
        test = Nullable(outer.settings.test)
        culprit = Nullable(
            story.culprit.map { suspect in
                Culprit(
                    project: suspect.commit.project, revision: suspect.commit.revision,
                    parent: story.parent(of: suspect),
                    subject: suspect.commit.subject ?? "", author: suspect.commit.author ?? "",
                    committedAt: suspect.commit.committedAt ?? .distantPast, confidence: suspect.probability,
                    pullRequest: Nullable(suspect.commit.pullRequest), squash: suspect.commit.isSquash,
                    merges: story.merges.map(\.revision))
            })
        candidates = story.verdict?.kind == .culprit ? [] : story.suspects.map(Entry.init)
        interaction = Nullable(
            story.pair.map { pair in
                Interaction(first: Self.commit(pair.first), second: Self.commit(pair.second))
            })
        edges = story.verdict?.edges.map { [$0.before, $0.after] } ?? []
        commits = outer.start.subject.commits.count
        good = outer.start.subject.base
        badBase = Nullable(story.badBase.map { BadBaseFields(revision: $0.base, good: $0.good) })
        let records = story.chain.flatMap { record in record.probes.map { (record, $0) } }
        probes = records.enumerated().map { index, pair in Self.probe(index + 1, pair.1, of: pair.0) }
        builds = story.builds
        confirmationBuilds = story.confirmationBuilds
        confirmed = story.isConfirmed
        expectedBuilds = story.last.search.expectedBuilds
        evidence = Nullable(
            outer.settings.evidence.map {
                Evidence(project: $0.project, kind: $0.kind, name: $0.name, upstreamBuilds: $0.builds)
            })
        firstError = Nullable(facts.firstError.map(OutcomeFields.Error.init))
        surface = Nullable(
            facts.surface.map { change in
                SurfaceFields(
                    went: change.went.map(SurfaceDocument.Entry.init),
                    came: change.came.map(SurfaceDocument.Entry.init),
                    changed: change.changed.map(SurfaceDocument.Entry.init))
            })
    }

    private static func commit(_ suspect: Suspect) -> CommitFields {
        CommitFields(project: suspect.commit.project, revision: suspect.commit.revision)
    }

    private static func probe(_ n: Int, _ record: ProbeRecord, of search: SearchRecord) -> ProbeFields {
        let point = record.probe.point
        let subject = search.start.subject
        let project = subject.project(at: point)
        return ProbeFields(
            n: n, phase: record.probe.phase.rawValue, position: point.prefix, project: project,
            revision: subject.revisions(at: point)[project] ?? "", answer: record.probe.answer.rawValue,
            reused: record.probe.reused, seconds: record.seconds, startedAt: record.beganAt,
            exit: Nullable(record.exitCode), attempt: Nullable(record.attempt), search: search.start.id)
    }
}
