// SPDX-License-Identifier: Apache-2.0

import CanaryJudge
import CanaryModel
import Foundation
import GRDB

extension Recorder {
    /// Records what became of `jobs` in `run`, and the changes of verdict that follow, all or nothing.
    ///
    /// A job that the run recorded before is overwritten, until the run ends. A transition to `suspected` opens the
    /// episode it names, unless one is open; a transition to `passing` closes it.
    ///
    /// - Throws: `contradiction` if the run has ended, or if a transition does not begin at the job's verdict.
    package func record(
        _ jobs: [RunJob], transitions: [Transition] = [], of run: String
    ) async throws(HistoryError) {
        try await access.write { connection in try connection.put(jobs, transitions, of: run) }
    }
}

extension Database {
    /// Records `jobs` and applies `transitions`.
    func put(_ jobs: [RunJob], _ transitions: [Transition], of run: String) throws {
        let number = try numberOfRunning(run)
        var sources = SourceNumbers()
        for job in jobs { try put(job, run: number, sources: &sources) }
        for transition in transitions {
            guard transition.run == run else {
                throw HistoryError(
                    .contradiction, "a transition of the run `\(transition.run)` came with the run `\(run)`")
            }
            try apply(transition, run: number)
        }
    }

    fileprivate func put(_ job: RunJob, run: Int64, sources: inout SourceNumbers) throws {
        try seat(job.planned.job)
        let source = try job.planned.source.map {
            try sources.number(of: $0, project: job.planned.job.project, in: self)
        }
        let columns = try planColumns(of: job.planned, source: source)
        let end = job.outcome?.columns ?? Array(repeating: nil, count: 7)
        try perform(
            Self.upsert, StatementArguments(columns + end + [job.flaky, job.verdict.rawValue, job.expectedIssue, run]))
        let identity = StatementArguments([run] + job.planned.job.columns)
        let number = try Int64.fetchOne(
            cachedStatement(
                sql: "SELECT id FROM run_jobs WHERE run = ? AND project = ? AND variant = ? AND lane = ?"),
            arguments: identity)
        try perform("DELETE FROM run_job_upstreams WHERE run_job = ?", [number])
        for (project, source) in job.planned.upstreams {
            try perform(
                "INSERT INTO run_job_upstreams (run_job, source) VALUES (?, ?)",
                [number, sources.number(of: source, project: project, in: self)])
        }
    }

    /// Records the verdict `unknown` of a job that is new.
    func seat(_ job: JobID) throws {
        try perform(
            "INSERT OR IGNORE INTO standings (project, variant, lane, verdict) VALUES (?, ?, ?, 'unknown')",
            StatementArguments(job.columns))
    }

    private func planColumns(
        of plan: PlannedJob, source: Int64?
    ) throws -> [(any DatabaseValueConvertible)?] {
        try plan.job.columns + [
            source, plan.key, plan.conditional, plan.action.rawValue, plan.reason.code.rawValue,
            plan.reason.detail, JSON.text(plan.redUpstreams, or: "[]"), JSON.text(plan.fallback, or: "{}"), plan.recipe,
            plan.environment,
        ]
    }

    private static let upsert = """
        INSERT INTO run_jobs (project, variant, lane, source, key, conditional, action, decision, decision_detail,
            red_upstreams, fallback, recipe, environment, result, stage, reason, error_text, error_file, error_line,
            fingerprint, flaky, verdict, expected_issue, run, run_at, judged)
        SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, seq, started_at, judged
        FROM runs WHERE seq = ?
        ON CONFLICT (run, project, variant, lane) DO UPDATE SET
            source = excluded.source, key = excluded.key, conditional = excluded.conditional,
            action = excluded.action, decision = excluded.decision, decision_detail = excluded.decision_detail,
            red_upstreams = excluded.red_upstreams, fallback = excluded.fallback, recipe = excluded.recipe,
            environment = excluded.environment, result = excluded.result, stage = excluded.stage,
            reason = excluded.reason, error_text = excluded.error_text, error_file = excluded.error_file,
            error_line = excluded.error_line, fingerprint = excluded.fingerprint, flaky = excluded.flaky,
            verdict = excluded.verdict, expected_issue = excluded.expected_issue
        """
}
