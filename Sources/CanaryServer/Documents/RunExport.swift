// SPDX-License-Identifier: Apache-2.0

package import CanaryHistory
package import CanaryModel

/// A run with its tests, for the formats of other programs: `JUnitExport` and `SarifExport`.
package struct RunExport: Sendable {
    /// The run.
    let record: RunRecord
    /// The tests of its jobs.
    let tests: [JobID: JobTests]
    /// The tests that each attempt of `tests` reported.
    let reports: [String: TestReport]

    /// Makes an export.
    package init(_ record: RunRecord, tests: [JobID: JobTests], reports: [String: TestReport]) {
        self.record = record
        self.tests = tests
        self.reports = reports
    }

    /// The jobs that the run was about.
    var jobs: [RunJob] { record.jobs.filter { $0.planned.reason.code != .notSelected } }

    /// The last attempt of a job in this run; nil if a stored result was used or nothing was built.
    func attempt(of job: RunJob) -> AttemptRecord? {
        record.attempts.last { $0.key == job.planned.key && $0.outcome != nil }
    }

    /// Whether the tests of a job were executed in this run.
    func isNews(_ tests: JobTests) -> Bool { record.attempts.contains { $0.id == tests.attempt } }
}

extension HistoryReader {
    /// The run `id` for an export; nil if there is none.
    package func export(run id: String) async throws(HistoryError) -> RunExport? {
        guard let record = try await runs.run(id) else { return nil }
        let tests = try await tests.jobTests(in: id)
        var reports: [String: TestReport] = [:]
        for attempt in Set(tests.values.map(\.attempt)) { reports[attempt] = try await self.tests.report(of: attempt) }
        return RunExport(record, tests: tests, reports: reports)
    }
}

extension FirstError {
    /// `file:line: text`, as far as they are known.
    var located: String {
        guard let file else { return text }
        return "\(file)\(line.map { ":\($0)" } ?? ""): \(text)"
    }
}
