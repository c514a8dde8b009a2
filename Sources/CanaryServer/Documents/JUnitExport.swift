// SPDX-License-Identifier: Apache-2.0

import CanaryHistory
import CanaryJudge
import CanaryModel
import CanaryText
import Foundation

/// A run as a JUnit report: a suite for each job, with the tests that its build reported.
///
/// A job that did not pass, or whose build reported no tests, has a case `build` with its first error.
package struct JUnitExport: Sendable {
    private let export: RunExport

    /// Makes the report of `export`.
    package init(_ export: RunExport) { self.export = export }

    /// The XML text, without a newline at its end.
    package var xml: String {
        let suites = export.jobs.map(suite)
        let totals = JUnitCase.totals(of: suites.flatMap(\.cases))
        var lines = ["<?xml version=\"1.0\" encoding=\"UTF-8\"?>"]
        let name = [("name", "canary run \(export.record.start.id)")]
        lines.append("<testsuites\(XMLText.attributes(name + totals.filter { $0.0 != "skipped" }))>")
        for suite in suites {
            lines.append("  <testsuite\(XMLText.attributes(suite.attributes + JUnitCase.totals(of: suite.cases)))>")
            lines += ["    <properties>"] + suite.properties.map { "      <property\(XMLText.attributes($0))/>" }
            lines += ["    </properties>"] + suite.cases.flatMap { $0.lines(in: suite.name) } + ["  </testsuite>"]
        }
        return (lines + ["</testsuites>"]).joined(separator: "\n")
    }

    private struct Suite {
        let name: String
        let attributes: [(String, String)]
        let properties: [[(String, String)]]
        let cases: [JUnitCase]
    }

    private func suite(_ job: RunJob) -> Suite {
        let tests = export.tests[job.planned.job]
        let report = tests.flatMap { export.reports[$0.attempt] }?.tests ?? []
        let own = job.result == .passed && !report.isEmpty ? [] : [build(job)]
        let facts = [
            ("run", export.record.start.id), ("revision", job.planned.source?.revision), ("build", job.planned.key),
            ("attempt", tests?.attempt ?? export.attempt(of: job)?.id), ("verdict", job.verdict.rawValue),
        ]
        let name = job.planned.job.description
        return Suite(
            name: name,
            attributes: [
                ("name", name), ("package", job.planned.job.project),
                ("timestamp", String(export.record.start.startedAt.rfc3339.prefix(19))),
            ],
            properties: facts.compactMap { fact in fact.1.map { [("name", fact.0), ("value", $0)] } },
            cases: own + report.map(JUnitCase.init))
    }

    /// The job itself as a case.
    private func build(_ job: RunJob) -> JUnitCase {
        let outcome = job.outcome
        let reason = outcome?.reason
        let error = outcome?.firstError?.located
        let message = error ?? reason?.sentence ?? "\(job.planned.reason.code.rawValue): \(job.planned.reason.detail)"
        let details = [reason?.sentence, error, job.expectedIssue.map { "expected: \($0)" }].compactMap(\.self)
        let kind: JUnitCase.Kind =
            switch job.result {
            case .passed: .passed
            case .failed, .timedOut: job.expectedIssue == nil ? .failure : .skipped
            case .error: .error
            case .blocked, .skipped, .cancelled, nil: .skipped
            }
        return JUnitCase(
            name: "build", seconds: export.attempt(of: job)?.seconds ?? 0, kind: kind,
            type: reason?.rawValue ?? job.result?.rawValue ?? "open", message: message,
            details: details.joined(separator: "\n"))
    }
}

/// A case of the report.
private struct JUnitCase {
    enum Kind: String {
        case passed, failure, error, skipped
    }

    let name: String
    let seconds: Double
    let kind: Kind
    var type = ""
    var message = ""
    var details = ""

    func lines(in suite: String) -> [String] {
        let attributes = [("name", name), ("classname", suite), ("time", Self.text(seconds))]
        let start = "    <testcase\(XMLText.attributes(attributes))"
        guard kind != .passed else { return [start + "/>"] }
        let child = "      <\(kind.rawValue)\(XMLText.attributes([("type", type), ("message", message)]))"
        let end = details.isEmpty ? "/>" : ">\(XMLText.content(details))</\(kind.rawValue)>"
        return [start + ">", child + end, "    </testcase>"]
    }

    static func totals(of cases: [JUnitCase]) -> [(String, String)] {
        let counts: [(String, Kind)] = [("failures", .failure), ("errors", .error), ("skipped", .skipped)]
        return [("tests", String(cases.count))]
            + counts.map { name, kind in (name, String(cases.count { $0.kind == kind })) }
            + [("time", text(cases.reduce(0) { $0 + $1.seconds }))]
    }

    static func text(_ seconds: Double) -> String { String(format: "%.3f", max(0, seconds)) }
}

extension JUnitCase {
    init(_ test: TestRun) {
        let kind: Kind =
            switch test.result {
            case .passed: .passed
            case .failed: .failure
            case .skipped: .skipped
            }
        self.init(
            name: test.name, seconds: Double(test.milliseconds) / 1000, kind: kind,
            type: kind == .failure ? ReasonCode.testFailed.rawValue : test.result.rawValue,
            message: kind == .failure ? ReasonCode.testFailed.sentence : "it did not run")
    }
}

/// Text in XML 1.0.
enum XMLText {
    /// `text` between tags; characters that XML cannot hold become U+FFFD.
    static func content(_ text: String) -> String { escaped(text).replacing("&#10;", with: "\n") }

    private static func escaped(_ text: String) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            // A parser makes spaces of these in attributes.
            case "\t", "\n", "\r": escaped += "&#\(scalar.value);"
            default: escaped.unicodeScalars.append(isAllowed(scalar) ? scalar : "\u{FFFD}")
            }
        }
        return escaped
    }

    /// ` name="value"` for each.
    static func attributes(_ attributes: [(String, String)]) -> String {
        attributes.map { " \($0.0)=\"\(escaped($0.1))\"" }.joined()
    }

    private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value >= 0x20 && scalar.value != 0xFFFE && scalar.value != 0xFFFF
    }
}
