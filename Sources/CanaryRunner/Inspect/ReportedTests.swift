// SPDX-License-Identifier: Apache-2.0

import CanaryDiagnosis
import CanaryInspection
import CanaryModel

extension AttemptExamination.Findings {
    /// Reads the tests that the build in `folder` reported, if it did; why a report cannot be read is noted.
    mutating func readTests(in folder: String) {
        let read = InspectedFile.withMapping(of: "\(folder)/\(TestReport.file)") { bytes in
            Swift.Result { () throws(XMLProblem) in try JUnitReport.read(bytes) }
        }
        switch read {
        case .success(let report): tests = report
        case .failure(let problem):
            let note = "the tests are not recorded: `\(TestReport.file)` \(problem)"
            detail = detail.map { "\($0)\n\(note)" } ?? note
        case nil: break
        }
    }
}
