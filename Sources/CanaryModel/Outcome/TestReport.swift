// SPDX-License-Identifier: Apache-2.0

/// How one test of a build ended.
package enum TestResult: String, CaseIterable, Codable, Sendable {
    case passed
    case failed
    /// It did not run: skipped, disabled, or its program was not there.
    case skipped
}

/// One test of a build.
package struct TestRun: Hashable, Sendable {
    /// Its name; unique in a report.
    package let name: String
    /// How it ended.
    package let result: TestResult
    /// How long it took; 0 or more.
    package let milliseconds: Int

    /// Makes the record of a test.
    package init(name: String, result: TestResult, milliseconds: Int) {
        self.name = name
        self.result = result
        self.milliseconds = milliseconds
    }
}

/// The tests that an attempt reported.
package struct TestReport: Hashable, Sendable {
    /// The JUnit file in `$CANARY_BUILD` in which a build reports its tests.
    package static let file = "canary-tests.xml"

    /// Its tests, by name.
    package let tests: [TestRun]

    /// Makes a report; tests of the same name become one, which failed if one of them did, and ran if one of them did.
    package init(_ tests: [TestRun]) {
        var known: [String: TestRun] = [:]
        for test in tests { known[test.name] = known[test.name].map { $0.joined(with: test) } ?? test }
        self.tests = known.values.sorted { $0.name < $1.name }
    }

    /// How many there are of each kind.
    package var counts: TestCounts {
        TestCounts(
            ran: tests.count { $0.result != .skipped }, failed: tests.count { $0.result == .failed },
            skipped: tests.count { $0.result == .skipped })
    }
}

extension TestRun {
    fileprivate func joined(with other: TestRun) -> TestRun {
        let results = [result, other.result]
        let worst: TestResult = results.contains(.failed) ? .failed : results.contains(.passed) ? .passed : .skipped
        return TestRun(name: name, result: worst, milliseconds: milliseconds + other.milliseconds)
    }
}

/// How many tests an attempt reported.
package struct TestCounts: Hashable, Codable, Sendable {
    /// Those that ran, whether they passed or failed.
    package let ran: Int
    /// Those that failed.
    package let failed: Int
    /// Those that did not run.
    package let skipped: Int

    /// Makes counts.
    package init(ran: Int, failed: Int, skipped: Int) {
        self.ran = ran
        self.failed = failed
        self.skipped = skipped
    }
}
