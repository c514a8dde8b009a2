// SPDX-License-Identifier: Apache-2.0

import CanaryHistory
import CanaryJudge
import CanaryModel
import CanaryText
import Foundation

/// One run as text: the jobs, what failed, what changed, and a summary.
struct RunReport {
    private let record: RunRecord
    private let tests: [JobID: JobTests]
    private let verbose: Bool
    private let isSent: Bool

    /// - Parameters:
    ///   - tests: the tests of its jobs.
    ///   - isSent: whether the notices were sent to the receivers.
    init(_ record: RunRecord, tests: [JobID: JobTests], verbose: Bool, isSent: Bool = false) {
        self.record = record
        self.tests = tests
        self.verbose = verbose
        self.isSent = isSent
    }

    var text: String {
        ([table] + failures + testNotes + unexpectedPasses + transitions + messages + [summary])
            .filter { !$0.isEmpty }.joined(separator: "\n")
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

    /// Failures of one cause share a fingerprint and are reported once, with all their jobs.
    private var failures: [String] {
        let failed = record.jobs.filter { $0.outcome?.reason != nil }
        let groups = Dictionary(grouping: failed) { $0.outcome?.fingerprint ?? $0.planned.job.description }
        return failed.flatMap { job -> [String] in
            let group = groups[job.outcome?.fingerprint ?? job.planned.job.description] ?? []
            return group.first?.planned.job == job.planned.job ? failure(job, others: group.dropFirst()) : []
        }
    }

    private func failure(_ job: RunJob, others: some Collection<RunJob>) -> [String] {
        guard let outcome = job.outcome, let reason = outcome.reason else { return [] }
        let stage = outcome.stage.map { " in \($0.rawValue)" } ?? ""
        let expected = job.expectedIssue == nil ? "" : " as expected"
        var lines = ["", "\(job.planned.job) \(outcome.result.rawValue)\(expected)\(stage): \(reason.sentence)"]
        if let error = outcome.firstError { lines.append("  \(error.spoken)") }
        if let issue = job.expectedIssue { lines.append("  \(issue)") }
        if !others.isEmpty {
            lines.append("  the same in \(others.map(\.planned.job.description).joined(separator: ", "))")
        }
        if let attempt = record.attempts.last(where: { $0.key == job.planned.key }) {
            lines.append("  canary log \(attempt.id)")
        }
        return lines
    }

    /// What is news about the tests of jobs that this run built.
    private var testNotes: [String] {
        record.jobs.compactMap { job in
            guard let tests = tests[job.planned.job], let note = tests.note,
                record.attempts.contains(where: { $0.id == tests.attempt })
            else { return nil }
            return "\(job.planned.job) tests: \(note)"
        }
    }

    /// Jobs that passed although a failure is expected.
    private var unexpectedPasses: [String] {
        record.jobs.filter { $0.result == .passed }.compactMap { job in
            job.expectedIssue.map { "\(job.planned.job) passed, although a failure is expected: \($0)" }
        }
    }

    private var transitions: [String] {
        record.transitions.map { "\($0.job): \($0.from.rawValue) -> \($0.to.rawValue)" }
    }

    private var messages: [String] {
        record.wouldTell.map { "\(isSent ? "notice" : "would tell"): \($0.text)" }
    }

    private var summary: String {
        let counts = Result.allCases.compactMap { result -> String? in
            let count = record.jobs.count { $0.result == result }
            return count == 0 ? nil : "\(count) \(result.rawValue)"
        }
        let seconds = record.finishedAt?.timeIntervalSince(record.start.startedAt).durationText ?? "unknown time"
        let judged = record.start.judged ? "" : ", not judged"
        let attempts = record.attempts.count.counting("attempt")
        return "\nrun \(record.start.id): \(counts.joined(separator: ", ")); \(attempts) in \(seconds)\(judged)"
    }
}

extension NoticeEvent {
    /// `page openexr@vfx2026/head and 2 more, because of imath (page)`.
    fileprivate var text: String {
        let others = jobs.count > 1 ? " and \(jobs.count - 1) more" : ""
        let suspect =
            culprit.map { ", because of \($0.project) \($0.revision.shortRevision)" }
            ?? upstream.map { ", because of \($0)" } ?? ""
        return "\(kind.rawValue) \(job)\(others)\(suspect) (\(kind.urgency.rawValue))"
    }
}
