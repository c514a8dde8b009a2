// SPDX-License-Identifier: Apache-2.0

import CanaryJudge
import CanaryModel
import CanaryText
import Foundation
import FoundationXML
import Testing

@testable import CanaryHistory
@testable import CanaryServer

@Suite("A run for other programs")
struct RunExportTests {
    private static let start = SiteFixture.start
    private static let hostile = "a\"<b>&\u{1}\u{FFFE}]]>\n'é"

    /// A run of one job with this outcome, whose build, if it made one, reported `tests`.
    private func export(
        _ outcome: Outcome?, tests: [TestRun]? = nil, newlyFailing: [String] = [], issue: String? = nil,
        attempt: String? = "a1"
    ) -> RunExport {
        let job = SiteFixture.job("openexr")
        let plan = PlannedJob(
            job: job, source: SiteFixture.source("b"), upstreams: [:], key: "key", conditional: false, action: .build,
            reason: DecisionReason(.headMoved, "moved"), redUpstreams: [], fallback: [:],
            finished: outcome.map { FinishedBuild(outcome: $0, flaky: false) }, recipe: "r", environment: "e")
        let started = AttemptStart(
            id: attempt ?? "", purpose: .first, startedAt: Self.start, driver: StateHolder(pid: 1, startedAt: "x"))
        let made = AttemptRecord(
            start: started, run: "r1", key: "key", project: "openexr", variant: "vfx2026", state: .finished,
            finishedAt: Self.start + 61.5, outcome: outcome, detail: nil, consumption: nil, stages: [], logBytes: 0,
            unreproducible: false)
        let record = RunRecord(
            start: RunStart(
                id: "r1", trigger: "manual", judged: true, startedAt: Self.start,
                driver: StateHolder(pid: 1, startedAt: "x")),
            state: .finished, finishedAt: Self.start + 70, snapshot: Snapshot(),
            jobs: [RunJob(planned: plan, verdict: .suspected, expectedIssue: issue)],
            attempts: attempt == nil ? [] : [made], transitions: [], wouldTell: [])
        let report = tests.map(TestReport.init)
        let known = report.map { report in
            JobTests(
                attempt: "a1", isPassed: outcome?.result == .passed, counts: report.counts, before: nil,
                newlyFailing: JobTests.Names(count: newlyFailing.count, first: newlyFailing))
        }
        return RunExport(
            record, tests: known.map { [job: $0] } ?? [:], reports: report.map { ["a1": $0] } ?? [:])
    }

    private func failure(_ text: String, file: String?, line: Int? = 7) -> Outcome {
        .ended(
            in: .build, reason: .buildCompiler, firstError: FirstError(text: text, file: file, line: line),
            fingerprint: "f00d")
    }

    // MARK: - JUnit

    /// The elements of an XML text, each with its attributes and text.
    private final class Elements: NSObject, XMLParserDelegate {
        var all: [(name: String, attributes: [String: String], text: String)] = []
        private var open: [Int] = []

        static func of(_ xml: String) throws -> [(name: String, attributes: [String: String], text: String)] {
            let elements = Elements()
            let parser = XMLParser(data: Data(xml.utf8))
            parser.delegate = elements
            try #require(parser.parse(), "\(String(describing: parser.parserError)): \(xml)")
            return elements.all
        }

        func parser(
            _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
            attributes: [String: String]
        ) {
            open.append(all.count)
            all.append((name, attributes, ""))
        }

        func parser(_ parser: XMLParser, foundCharacters string: String) {
            if let last = open.last { all[last].text += string }
        }

        func parser(_ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?) {
            open.removeLast()
        }
    }

    @Test func `JUnit: a failed job is a case with its first error, whatever text that has`() throws {
        let elements = try Elements.of(JUnitExport(export(failure(Self.hostile, file: "src/a.cpp"))).xml)
        let failure = try #require(elements.first { $0.name == "failure" })
        let shown = "src/a.cpp:7: a\"<b>&\u{FFFD}\u{FFFD}]]>\n'é"
        #expect(failure.attributes == ["type": "build.compiler", "message": shown])
        #expect(failure.text == "the compiler stopped with an error\n\(shown)")
        let suite = try #require(elements.first { $0.name == "testsuite" }).attributes
        #expect(suite["name"] == "openexr@vfx2026/head" && suite["tests"] == "1" && suite["failures"] == "1")
        #expect(suite["errors"] == "0" && suite["time"] == "61.500" && suite["timestamp"] == "2027-01-15T08:00:00")
        #expect(elements.first { $0.name == "testcase" }?.attributes["name"] == "build")
    }

    @Test func `JUnit: the tests of a passed job are its cases`() throws {
        let tests = [
            TestRun(name: Self.hostile, result: .failed, milliseconds: 1500),
            TestRun(name: "b", result: .passed, milliseconds: 1),
            TestRun(name: "c", result: .skipped, milliseconds: 0),
        ]
        let elements = try Elements.of(JUnitExport(export(.passed, tests: tests)).xml)
        let cases = elements.filter { $0.name == "testcase" }.map { $0.attributes["name"] ?? "" }
        #expect(cases == ["a\"<b>&\u{FFFD}\u{FFFD}]]>\n'é", "b", "c"])
        #expect(elements[0].attributes["tests"] == "3" && elements[0].attributes["time"] == "1.501")
        #expect(elements.count { $0.name == "failure" } == 1 && elements.count { $0.name == "skipped" } == 1)
    }

    @Test(arguments: [
        (Outcome.passed, nil, "testcase"),
        (Outcome.ended(in: .fetch, reason: .fetchUnreachable), nil, "error"),
        (Outcome(result: .blocked), nil, "skipped"), (nil, nil, "skipped"),
        (Outcome.ended(in: .test, reason: .testFailed), "https://issue", "skipped"),
    ])
    func `JUnit: other ends of a job are no failures`(_ outcome: Outcome?, _ issue: String?, _ last: String) throws {
        let elements = try Elements.of(JUnitExport(export(outcome, issue: issue, attempt: nil)).xml)
        #expect(elements.last?.name == last && elements[0].attributes["failures"] == "0")
    }

    // MARK: - SARIF

    private func sarif(_ export: RunExport) throws -> [String: Any] {
        let text = try SarifExport(export, version: "0.1.0").json()
        let log = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        #expect(log["version"] as? String == "2.1.0")
        return try #require((log["runs"] as? [[String: Any]])?.first)
    }

    /// The results, each as level, rule, base, address and line.
    private func results(_ export: RunExport) throws -> [String] {
        try #require(try sarif(export)["results"] as? [[String: Any]]).map { result in
            let place = ((result["locations"] as? [[String: Any]])?.first?["physicalLocation"]) as? [String: Any]
            let file = place?["artifactLocation"] as? [String: String] ?? [:]
            let line = (place?["region"] as? [String: Int])?["startLine"].map { ":\($0)" } ?? ""
            let address = "\(file["uriBaseId"] ?? "") \(file["uri"] ?? "")\(line)"
            return "\(result["level"] ?? "") \(result["ruleId"] ?? "") \(address)"
        }
    }

    @Test(arguments: [
        ("src/a b%.cpp", "openexr src/a%20b%25.cpp:7"), ("imath:include/x.h", "imath include/x.h:7"),
        ("/usr/include/x.h", "STATE attempts/a1/log"), ("../x.h", "STATE attempts/a1/log"),
        ("imath:/x.h", "STATE attempts/a1/log"), (nil, "STATE attempts/a1/log"),
        ("http://x/y", "STATE attempts/a1/log"),
    ])
    func `SARIF: a failure is where its first error is, with a relative address`(
        _ file: String?, _ place: String
    ) throws {
        #expect(try results(export(failure("no", file: file))) == ["error build.compiler \(place)"])
    }

    @Test func `SARIF: a test that turned red in a passed build is a warning`() throws {
        let tests = [TestRun(name: "t", result: .failed, milliseconds: 1)]
        let export = export(.passed, tests: tests, newlyFailing: ["t"])
        #expect(try results(export) == ["warning test.failed STATE attempts/a1/log"])
    }

    @Test func `SARIF: infrastructure is a notification, an expected failure is suppressed`() throws {
        let error = try sarif(export(Outcome.ended(in: .fetch, reason: .fetchUnreachable)))
        #expect((error["results"] as? [Any])?.isEmpty == true)
        let call = try #require((error["invocations"] as? [[String: Any]])?.first)
        #expect(call["executionSuccessful"] as? Bool == false)
        #expect((call["toolExecutionNotifications"] as? [Any])?.count == 1)
        let expected = try sarif(export(failure("no", file: "a.h"), issue: "https://issue"))
        let result = try #require((expected["results"] as? [[String: Any]])?.first)
        #expect((result["suppressions"] as? [[String: String]])?.first?["justification"] == "https://issue")
    }

    @Test func `SARIF: the same failure has the same fingerprint in another run`() throws {
        let one = try #require(try sarif(export(failure("no", file: "a.h")))["results"] as? [[String: Any]])
        let two = try #require(try sarif(export(failure("no", file: "a.h", line: 9)))["results"] as? [[String: Any]])
        let prints = [one, two].map { $0.first?["partialFingerprints"] as? [String: String] }
        #expect(prints[0] == prints[1] && prints[0]?.keys.sorted() == ["canary/v1", "primaryLocationLineHash"])
    }
}
