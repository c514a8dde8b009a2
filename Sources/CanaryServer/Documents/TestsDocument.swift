// SPDX-License-Identifier: Apache-2.0

package import CanaryHistory
package import CanaryModel
import CanaryText

/// `canary.tests/1`: how reliable the tests of jobs are.
package struct TestsDocument: Document {
    struct Entry: Encodable, Sendable {
        let job: String
        let test: String
        let ran: Int
        let failed: Int
        let flakes: Int
        let flakeRate: Double
        let lastResult: String
        let lastSeconds: Double
        let lastAttempt: String
    }

    package let schema = "canary.tests/1"
    let tests: [Entry]

    /// The document of `entries`.
    package init(_ entries: [(job: JobID, test: TestReliability)]) {
        tests = entries.map { job, test in
            Entry(
                job: job.description, test: test.name, ran: test.ran, failed: test.failed, flakes: test.flakes,
                flakeRate: (test.flakeRate * 10_000).rounded() / 10_000, lastResult: test.lastResult.rawValue,
                lastSeconds: Double(test.lastMilliseconds) / 1000, lastAttempt: test.lastAttempt)
        }
    }
}

/// The tests of a job's build, in documents.
struct JobTestFields: Encodable, Sendable {
    struct Names: Encodable, Sendable {
        let count: Int
        let names: [String]

        init(_ names: JobTests.Names) {
            count = names.count
            self.names = names.first
        }
    }

    let attempt: String
    let ran: Int
    let failed: Int
    let skipped: Int
    let before: Nullable<TestCounts>
    let failing: Names
    let newlyFailing: Names
    let note: Nullable<String>

    /// - Parameter isNews: whether the build was made in the run that the document is about.
    init(_ tests: JobTests, isNews: Bool = true) {
        attempt = tests.attempt
        ran = tests.counts?.ran ?? 0
        failed = tests.counts?.failed ?? 0
        skipped = tests.counts?.skipped ?? 0
        before = Nullable(tests.before)
        failing = Names(tests.failing)
        newlyFailing = Names(tests.newlyFailing)
        note = Nullable(isNews ? tests.note : nil)
    }
}

/// The tests that an attempt reported, in documents.
struct TestReportFields: Encodable, Sendable {
    struct Entry: Encodable, Sendable {
        let test: String
        let result: String
        let seconds: Double
    }

    let ran: Int
    let failed: Int
    let skipped: Int
    let results: [Entry]

    /// - Parameter counts: those that history keeps when the results are removed.
    init(_ report: TestReport, counts: TestCounts) {
        (ran, failed, skipped) = (counts.ran, counts.failed, counts.skipped)
        results = report.tests.map { test in
            Entry(test: test.name, result: test.result.rawValue, seconds: Double(test.milliseconds) / 1000)
        }
    }
}
