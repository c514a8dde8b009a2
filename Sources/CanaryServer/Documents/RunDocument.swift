// SPDX-License-Identifier: Apache-2.0

import CanaryDiagnosis
package import CanaryHistory
import CanaryJudge
package import CanaryModel
import CanaryText
import Foundation

/// `canary.run/1`: one run.
package struct RunDocument: Document {
    package let schema = "canary.run/1"
    let run: String
    let trigger: String
    let judged: Bool
    let state: String
    let startedAt: Date
    let finishedAt: Nullable<Date>
    let snapshot: SnapshotFields
    let jobs: [RunJobFields]
    let builds: [BuildFields]
    let transitions: [TransitionFields]
    let wouldTell: [MessageFields]

    /// The document of `record`; `builds` are those it executed, `tests` those of its jobs.
    package init(_ record: RunRecord, builds: [BuildRecord], tests: [JobID: JobTests] = [:]) {
        run = record.start.id
        trigger = record.start.trigger
        judged = record.start.judged
        state = record.state.rawValue
        startedAt = record.start.startedAt
        finishedAt = Nullable(record.finishedAt)
        snapshot = SnapshotFields(record.snapshot)
        let attempts = Dictionary(grouping: record.attempts, by: \.key)
        jobs = record.jobs.map { job in
            RunJobFields(
                job, attempts: job.planned.key.flatMap { attempts[$0] } ?? [], tests: tests[job.planned.job])
        }
        self.builds = builds.map { build in
            let jobs = record.jobs.filter { $0.planned.key == build.key && $0.planned.action == .build }
            return BuildFields(build, jobs: jobs.map(\.planned.job))
        }
        transitions = record.transitions.map(TransitionFields.init)
        wouldTell = record.wouldTell.map(MessageFields.init)
    }
}

/// A job of a run, in documents: the fields of the plan, and the result.
struct RunJobFields: Encodable, Sendable {
    private let planned: JobFields
    private let outcome: OutcomeFields
    private let flaky: Bool
    private let attempts: [AttemptFields]
    private let verdict: String
    private let expectedFailure: Nullable<String>
    private let tests: Nullable<JobTestFields>

    private enum Key: String, CodingKey {
        case flaky, attempts, verdict, expectedFailure, tests
    }

    init(_ job: RunJob, attempts: [AttemptRecord], tests: JobTests?) {
        planned = JobFields(job.planned)
        outcome = OutcomeFields(job.outcome)
        flaky = job.flaky
        self.attempts = attempts.map(AttemptFields.init)
        verdict = job.verdict.rawValue
        expectedFailure = Nullable(job.expectedIssue)
        self.tests = Nullable(
            tests.map { tests in JobTestFields(tests, isNews: attempts.contains { $0.id == tests.attempt }) })
    }

    func encode(to encoder: any Encoder) throws {
        try planned.encode(to: encoder)
        try outcome.encode(to: encoder)
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(flaky, forKey: .flaky)
        try container.encode(attempts, forKey: .attempts)
        try container.encode(verdict, forKey: .verdict)
        try container.encode(expectedFailure, forKey: .expectedFailure)
        try container.encode(tests, forKey: .tests)
    }
}

/// An outcome, in documents.
struct OutcomeFields: Encodable, Sendable {
    struct Error: Encodable, Sendable {
        let text: String
        let file: Nullable<String>
        let line: Nullable<Int>
        /// The macros, symbols, headers, targets and packages that it mentions.
        let names: [EntityName]

        init(_ error: FirstError) {
            text = error.text
            file = Nullable(error.file)
            line = Nullable(error.line)
            names = error.names
        }
    }

    let result: Nullable<String>
    let stage: Nullable<String>
    let fault: Nullable<String>
    let reasonCode: Nullable<String>
    let firstError: Nullable<Error>
    let fingerprint: Nullable<String>

    init(_ outcome: Outcome?) {
        result = Nullable(outcome?.result.rawValue)
        stage = Nullable(outcome?.stage?.rawValue)
        fault = Nullable(outcome?.fault?.rawValue)
        reasonCode = Nullable(outcome?.reason?.rawValue)
        firstError = Nullable(outcome?.firstError.map(Error.init))
        fingerprint = Nullable(outcome?.fingerprint)
    }
}

/// An attempt, in documents.
struct AttemptFields: Encodable, Sendable {
    struct StageFields: Encodable, Sendable {
        let stage: String
        let seconds: Double
        let exit: Nullable<Int>
        let startedAt: Date

        init(_ run: StageRun) {
            stage = run.stage.rawValue
            seconds = run.endedAt.timeIntervalSince(run.startedAt).inMilliseconds
            exit = Nullable(run.exit?.shellCode)
            startedAt = run.startedAt
        }
    }

    let attempt: String
    let purpose: String
    let state: String
    let startedAt: Date
    let seconds: Nullable<Double>
    let result: Nullable<String>
    let reasonCode: Nullable<String>
    let unreproducible: Bool
    let stages: [StageFields]

    init(_ record: AttemptRecord) {
        attempt = record.id
        purpose = record.start.purpose.rawValue
        state = record.state.rawValue
        startedAt = record.start.startedAt
        seconds = Nullable(record.seconds?.inMilliseconds)
        result = Nullable(record.outcome?.result.rawValue)
        reasonCode = Nullable(record.outcome?.reason?.rawValue)
        unreproducible = record.unreproducible
        stages = record.stages.map(StageFields.init)
    }
}

/// A change of verdict, in documents.
struct TransitionFields: Encodable, Sendable {
    let job: String
    let from: String
    let to: String
    let at: Date
    let episode: Nullable<String>

    init(_ transition: Transition) {
        job = transition.job.description
        from = transition.from.rawValue
        to = transition.to.rawValue
        at = transition.at
        episode = Nullable(transition.episode)
    }
}

/// A notice that the run would have sent, in documents.
struct MessageFields: Encodable, Sendable {
    let kind: String
    let job: String
    let urgency: String

    init(_ event: NoticeEvent) {
        kind = event.kind.rawValue
        job = event.job.description
        urgency = event.kind.urgency.rawValue
    }
}

extension Double {
    /// Seconds, rounded to milliseconds.
    var inMilliseconds: Double { (self * 1000).rounded() / 1000 }
}
