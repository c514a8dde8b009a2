// SPDX-License-Identifier: Apache-2.0

package import CanaryModel
import CanaryText
import Foundation

/// Reads the JUnit file in which a build reports its tests: that of ctest, and what GoogleTest, pytest and others write.
package enum JUnitReport {
    /// The most bytes of a file: a hundred times what ctest writes about a thousand tests.
    package static let sizeLimit = 64 << 20
    /// The most tests of a file.
    package static let testLimit = 20_000
    /// The most scalars of a test's name; longer ones are cut.
    package static let nameLimit = 300
    /// The most bytes of all names together.
    static let namesLimit = 2 << 20
    /// The longest time of a test, in seconds.
    private static let timeLimit = 1e6

    /// The tests that `bytes` report.
    ///
    /// A test in a class or suite has the name `class.test`. When the task is cancelled, an empty report.
    ///
    /// - Throws: `XMLProblem` when it is not a JUnit report, or beyond the limits.
    package static func read(_ bytes: UnsafeRawBufferPointer) throws(XMLProblem) -> TestReport {
        guard bytes.count <= sizeLimit else {
            throw XMLProblem(line: 1, text: "expected at most \(sizeLimit.sizeText), found \(bytes.count.sizeText)")
        }
        var tags = XMLTags(bytes)
        var tests: [TestRun] = []
        var size = 0
        var open: Case?
        while let tag = try tags.next() {
            guard !Task.isCancelled else { return TestReport([]) }
            switch tag {
            case .start(let element) where tags.depth == 1:
                guard element.name == "testsuite" || element.name == "testsuites" else {
                    throw tags.problem("expected `testsuites` or `testsuite`, found `\(element.name.prefix(60))`")
                }
            case .start(let element) where element.name == "testcase":
                open = Case(element, depth: tags.depth)
            case .start(let element):
                if let test = open, tags.depth == test.depth + 1 { open?.note(element) }
            case .end:
                guard let ended = open, tags.depth < ended.depth else { continue }
                open = nil
                size += ended.name.utf8.count
                guard tests.count < testLimit, size <= namesLimit else {
                    throw tags.problem(
                        "expected at most \(testLimit) tests with names of \(namesLimit.sizeText) together")
                }
                tests.append(TestRun(name: ended.name, result: ended.result, milliseconds: ended.milliseconds))
            }
        }
        return TestReport(tests)
    }

    /// A test whose end was not read yet.
    private struct Case {
        let name: String
        let milliseconds: Int
        let depth: Int
        var result: TestResult

        init(_ element: XMLTags.Element, depth: Int) {
            let attributes = element.attributes
            let parts = [attributes["classname"] ?? "", attributes["name"] ?? ""]
            let whole = parts[0].isEmpty || parts[0] == parts[1] ? parts[1] : parts.joined(separator: ".")
            let line = SanitizedText.line(whole, limit: JUnitReport.nameLimit)
            name = line.isEmpty ? "(no name)" : line
            let seconds = Double((attributes["time"] ?? "").replacing(",", with: "")) ?? 0
            milliseconds = seconds.isFinite ? Int(min(max(0, seconds), JUnitReport.timeLimit) * 1000) : 0
            self.depth = depth
            switch attributes["status"] {
            case "notrun", "disabled": result = .skipped
            case "fail": result = .failed
            default: result = .passed
            }
        }

        /// Why ctest could not run a test that was to run: it counts as failed there.
        private static let hindrances: Set<String> = [
            "Unable to find executable", "Fixture dependency failed", "Required Files Missing",
            "Missing Configuration", "Insufficient resources",
        ]

        /// Takes an element within the test into account.
        mutating func note(_ child: XMLTags.Element) {
            switch child.name {
            case "failure", "error": result = .failed
            case "skipped" where Self.hindrances.contains(child.attributes["message"] ?? ""): result = .failed
            case "skipped": if result == .passed { result = .skipped }
            default: break
            }
        }
    }
}
