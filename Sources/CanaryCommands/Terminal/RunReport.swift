// SPDX-License-Identifier: Apache-2.0

import CanaryHistory
import CanaryModel
import CanaryPublishing
import Foundation

/// One run, for people: what failed first, then what moved, then the sum.
struct RunReport {
    private let record: RunRecord
    private let verbose: Bool

    init(_ record: RunRecord, verbose: Bool) {
        self.record = record
        self.verbose = verbose
    }

    var text: String {
        ([table] + failures + transitions + messages + [summary]).filter { !$0.isEmpty }.joined(separator: "\n")
    }

    private var table: String {
        var table = Table(header: ["job", "result", "verdict", "why"])
        for job in record.jobs where verbose || job.planned.reason.code != .notSelected {
            let flaky = job.flaky ? " (flaky)" : ""
            table.add([
                job.planned.job.description, (job.result?.rawValue ?? "open") + flaky, job.verdict.rawValue,
                "\(job.planned.reason.code.rawValue): \(job.planned.reason.detail)",
            ])
        }
        return table.text
    }

    /// Failures of one cause share a fingerprint and are told once.
    private var failures: [String] {
        var told: Set<String> = []
        return record.jobs.flatMap { job -> [String] in
            guard let outcome = job.outcome, let reason = outcome.reason else { return [] }
            if let fingerprint = outcome.fingerprint, !told.insert(fingerprint).inserted { return [] }
            let stage = outcome.stage.map { " in \($0.rawValue)" } ?? ""
            var lines = ["", "\(job.planned.job) \(outcome.result.rawValue)\(stage): \(reason.sentence)"]
            if let error = outcome.firstError { lines.append("  \(error.spoken)") }
            if let attempt = record.attempts.last(where: { $0.key == job.planned.key }) {
                lines.append("  canary log \(attempt.id)")
            }
            return lines
        }
    }

    private var transitions: [String] {
        record.transitions.map { "\($0.job): \($0.from.rawValue) -> \($0.to.rawValue)" }
    }

    private var messages: [String] {
        record.wouldTell.map { "would tell: \($0.kind.rawValue) \($0.job) (\($0.urgency.rawValue))" }
    }

    private var summary: String {
        let counts = Result.allCases.compactMap { result -> String? in
            let count = record.jobs.count { $0.result == result }
            return count == 0 ? nil : "\(count) \(result.rawValue)"
        }
        let seconds = record.finishedAt?.timeIntervalSince(record.start.startedAt).spokenSeconds ?? "unknown time"
        let judged = record.start.judged ? "" : ", not judged"
        let attempts = record.attempts.count.counting("attempt")
        return "\nrun \(record.start.id): \(counts.joined(separator: ", ")); \(attempts) in \(seconds)\(judged)"
    }
}
