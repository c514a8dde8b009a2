// SPDX-License-Identifier: Apache-2.0

package import CanaryHistory
package import CanaryJudge
package import CanaryModel
import CanaryText
import Foundation

/// `canary.show/1` of an attempt.
package struct AttemptDocument: Document {
    package let schema = "canary.show/1"
    let kind = "attempt"
    let run: String
    let key: String
    let project: String
    let variant: String
    let logBytes: Nullable<Int>
    let detail: Nullable<String>
    let consumed: Nullable<[Consumed]>
    let tests: Nullable<TestReportFields>
    private let attempt: AttemptFields
    private let outcome: OutcomeFields

    private enum CodingKeys: CodingKey {
        case schema, kind, run, key, project, variant, logBytes, detail, consumed, tests
    }

    /// What was taken of one upstream; null where nothing recorded it.
    struct Consumed: Encodable, Sendable {
        let project: String
        let headers: Nullable<Int>
        let libraries: Nullable<[String]>
        let programs: Bool
        let elsewhere: [String]
    }

    /// The document of `record`, with the tests that it reported and their counts.
    package init(_ record: AttemptRecord, tests report: TestReport?, counts: TestCounts?) {
        run = record.run
        key = record.key
        project = record.project
        variant = record.variant
        logBytes = Nullable(record.logBytes)
        detail = Nullable(record.detail)
        consumed = Nullable(record.consumption.map { Self.consumed($0) })
        tests = Nullable(report.map { TestReportFields($0, counts: counts ?? $0.counts) })
        attempt = AttemptFields(record)
        outcome = OutcomeFields(record.outcome)
    }

    private static func consumed(_ consumption: Consumption) -> [Consumed] {
        consumption.upstreams.map { upstream in
            Consumed(
                project: upstream.project, headers: Nullable(consumption.hasHeaders ? upstream.headers : nil),
                libraries: Nullable(consumption.hasLibraries ? upstream.libraries : nil),
                programs: upstream.hasPrograms, elsewhere: upstream.elsewhere)
        }
    }

    package func encode(to encoder: any Encoder) throws {
        try attempt.encode(to: encoder)
        try outcome.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(schema, forKey: .schema)
        try container.encode(kind, forKey: .kind)
        try container.encode(run, forKey: .run)
        try container.encode(key, forKey: .key)
        try container.encode(project, forKey: .project)
        try container.encode(variant, forKey: .variant)
        try container.encode(logBytes, forKey: .logBytes)
        try container.encode(detail, forKey: .detail)
        try container.encode(consumed, forKey: .consumed)
        try container.encode(tests, forKey: .tests)
    }
}

/// `canary.show/1` of a build.
package struct BuildDocument: Document {
    struct Prefix: Encodable, Sendable {
        let tree: String
        let files: Int
        let bytes: Int
    }

    struct Use: Encodable, Sendable {
        let job: String
        let run: String
        let at: Date
    }

    package let schema = "canary.show/1"
    let kind = "build"
    let key: String
    let project: String
    let revision: String
    let sourceTree: String
    let committedAt: Date
    let variant: String
    let environment: String
    let recipe: String
    let partial: Bool
    let upstreams: [String: String]
    let prefix: Nullable<Prefix>
    let attempts: [AttemptFields]
    let uses: [Use]

    /// The document of `history`.
    package init(_ history: BuildHistory) {
        let build = history.build
        key = build.key
        project = build.project
        revision = build.source.revision
        sourceTree = build.source.tree
        committedAt = build.source.committedAt
        variant = build.variant
        environment = build.environment
        recipe = build.recipe
        partial = build.partial
        upstreams = Dictionary(
            build.upstreams.map { ($0.project, $0.key) }, uniquingKeysWith: { first, _ in first })
        prefix = Nullable(history.prefix.map { Prefix(tree: $0.tree, files: $0.files, bytes: $0.bytes) })
        attempts = history.attempts.map(AttemptFields.init)
        uses = history.uses.map { Use(job: $0.job.description, run: $0.run, at: $0.at) }
    }
}

/// `canary.show/1` of an episode.
package struct EpisodeDocument: Document {
    package let schema = "canary.show/1"
    let kind = "episode"
    let id: String
    let job: String
    let openedAt: Date
    let openedBy: String
    let closedAt: Nullable<Date>
    let firstError: Nullable<OutcomeFields.Error>
    let culprit: Nullable<CulpritFields>
    let transitions: [TransitionFields]
    let told: [NoticeFields]
    let decisions: [Decision]

    /// A notice about the episode, and its delivery to one receiver.
    struct NoticeFields: Encodable, Sendable {
        let receiver: String
        let kind: String
        let state: String
        let at: Date
        let trouble: Nullable<String>
    }

    /// A decision of a person about the episode.
    struct Decision: Encodable, Sendable {
        let kind: String
        let who: String
        let at: Date
        let note: String
    }

    /// The document of `episode`.
    package init(_ episode: EpisodeRecord, notices deliveries: [OutboxEntry], decisions people: [HumanDecision]) {
        told = deliveries.map { delivery in
            NoticeFields(
                receiver: delivery.receiver, kind: delivery.notice.kind.rawValue,
                state: delivery.state.rawValue, at: delivery.at, trouble: Nullable(delivery.lastError))
        }
        decisions = people.map { Decision(kind: $0.kind.rawValue, who: $0.who, at: $0.at, note: $0.note) }
        id = episode.id
        job = episode.job.description
        openedAt = episode.openedAt
        openedBy = episode.openedBy
        closedAt = Nullable(episode.closedAt)
        firstError = Nullable(episode.firstError.map(OutcomeFields.Error.init))
        culprit = Nullable(episode.culprit.map(CulpritFields.init))
        transitions = episode.transitions.map(TransitionFields.init)
    }
}
