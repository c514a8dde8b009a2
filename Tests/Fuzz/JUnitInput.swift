// SPDX-License-Identifier: Apache-2.0

import CanaryDiagnosis
import CanaryModel

/// The tests that a build reports.
enum JUnitInput {
    static func read(_ bytes: UnsafeRawBufferPointer) {
        guard let report = try? JUnitReport.read(bytes) else { return }
        let counts = report.counts
        require(counts.ran + counts.skipped == report.tests.count, "each test once, found \(counts)")
        for test in report.tests {
            require(!test.name.isEmpty && test.name.unicodeScalars.count <= JUnitReport.nameLimit, "a short name")
            require(test.milliseconds >= 0, "no negative time, found \(test.milliseconds)")
        }
    }
}
