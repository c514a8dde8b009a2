// SPDX-License-Identifier: Apache-2.0

import CanaryHistory
import CanaryJudge
import CanaryModel

extension Trace {
    /// What the judged runs of `history` saw; nothing of what they did not decide.
    init(of history: HistoryReader?) async throws(HistoryError) {
        var lines: [TraceLine] = []
        for summary in try await history?.runs.newest(limit: .max) ?? []
        where summary.start.judged && summary.state == .finished {
            guard let run = try await history?.runs.run(summary.start.id) else { continue }
            lines += run.jobs.compactMap { TraceLine(of: $0, in: run) }
        }
        self.init(lines)
    }
}

extension TraceLine {
    /// What `run` saw of `job`; nil where that is nothing.
    fileprivate init?(of job: RunJob, in run: RunRecord) {
        let plan = job.planned
        guard let source = plan.source, let end = plan.finished else { return nil }
        switch end.outcome.result {
        case .blocked, .skipped, .cancelled: return nil
        case .passed, .failed, .error, .timedOut: break
        }
        let own = run.attempts.filter { $0.key == plan.key && $0.start.purpose != .control }
        let controls = run.attempts.filter {
            $0.start.purpose == .control && ($0.project, $0.variant) == (plan.job.project, plan.job.variant)
        }
        // A result that was reused stands for the attempts that made it.
        let stored = Evidence(of: end)
        let attempts = own.isEmpty ? (stored == .flaky ? [.fail, .pass] : [stored]) : own.map(\.evidence)
        self.init(
            job: plan.job,
            inputs: Inputs(
                of: plan.job, source, on: plan.upstreams, environment: plan.environment, at: run.start.startedAt),
            attempts: attempts, control: controls.isEmpty ? [.pass] : controls.map(\.evidence),
            fingerprint: end.outcome.fingerprint, onFallback: !plan.fallback.isEmpty, expectedIssue: job.expectedIssue)
    }
}

extension AttemptRecord {
    fileprivate var evidence: Evidence {
        outcome.map { Evidence(of: FinishedBuild(outcome: $0)) } ?? .none
    }
}
