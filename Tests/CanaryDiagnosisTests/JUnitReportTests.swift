// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import Testing

@testable import CanaryDiagnosis

@Suite("The tests that a build reports")
struct JUnitReportTests {
    private func read(_ text: String) throws -> TestReport {
        try Array(text.utf8).withUnsafeBytes { bytes throws(XMLProblem) in try JUnitReport.read(bytes) }
    }

    private func results(_ text: String) throws -> [String] {
        try read(text).tests.map { "\($0.name) \($0.result.rawValue) \($0.milliseconds)" }
    }

    private func problem(_ text: String) -> String? {
        do {
            _ = try read(text)
            return nil
        } catch { return "\(error)" }
    }

    @Test func `those of ctest, with tests that it could not run as not run`() throws {
        let text = """
            <?xml version="1.0" encoding="UTF-8"?>
            <testsuite name="(empty)"
            \ttests="7" failures="2" disabled="1" skipped="3" hostname="" time="1" timestamp="2026-11-30T08:58:24"
            \t>
            \t<testcase name="good" classname="good" time="0.00175437" status="run">
            \t\t<system-out>&lt;testcase name=&quot;no&quot;/&gt; ]]&gt;</system-out>
            \t</testcase>
            \t<testcase name="bad" classname="bad" time="1.25" status="fail">
            \t\t<failure message=""/>
            \t\t<system-out>no</system-out>
            \t</testcase>
            \t<testcase name="gone" classname="gone" time="0" status="notrun">
            \t\t<skipped message="Unable to find executable"/>
            \t</testcase>
            \t<testcase name="off" classname="off" time="0" status="disabled">
            \t\t<system-out>Disabled</system-out>
            \t</testcase>
            \t<testcase name="a &quot;b&quot; &lt;c&gt; &amp; d" classname="a &quot;b&quot; &lt;c&gt; &amp; d" time="0"
            \t status="run"/>
            </testsuite>

            """
        #expect(
            try results(text) == [
                #"a "b" <c> & d passed 0"#, "bad failed 1250", "gone failed 0", "good passed 1", "off skipped 0",
            ])
        #expect(try read(text).counts == TestCounts(ran: 4, failed: 2, skipped: 1))
    }

    @Test func `those of GoogleTest and pytest, by suite and test`() throws {
        let text = """
            <!-- a comment with > and <testcase name="no"/> -->
            <testsuites tests="3"><testsuite name="Half">
            <testcase name="Zero" status="run" result="completed" time="0.002" classname="Half"/>
            <testcase name="Old" status="notrun" result="suppressed" time="0." classname="Half"/>
            <testcase name='One' time="1,000.5" classname="Half"><failure message="it's &#x41;&#10;" type=""><![CDATA[
            </testcase> ]]></failure></testcase>
            <testcase classname="tests.io" name="test_a[1]"><error message="x">y</error></testcase>
            <testcase classname="tests.io" name="test_b"><skipped/></testcase>
            </testsuite></testsuites>
            """
        #expect(
            try results(text) == [
                "Half.Old skipped 0", "Half.One failed 1000500", "Half.Zero passed 2", "tests.io.test_a[1] failed 0",
                "tests.io.test_b skipped 0",
            ])
    }

    @Test func `no test is a report too, and a test that is reported twice is one`() throws {
        #expect(try read(#"<testsuite name="(empty)" tests="0"/>"#).counts == TestCounts(ran: 0, failed: 0, skipped: 0))
        let twice = """
            <testsuite><testcase name="a" time="1"/><testcase name="a" time="2"><failure/></testcase></testsuite>
            """
        #expect(try results(twice) == ["a failed 3000"])
    }

    @Test func `names are safe to show, and times are times`() throws {
        let name = "\u{1B}[31mred\u{7}\u{202E}&#27;[0m  " + String(repeating: "x", count: 1000)
        let text = #"<testsuite><testcase name="\#(name)" time="1e300"/><testcase time="-nan"/></testsuite>"#
        let test = try #require(try read(text).tests.last)
        #expect(test.name.hasPrefix("red xxx") && test.name.unicodeScalars.count == JUnitReport.nameLimit)
        #expect(test.milliseconds == 1_000_000_000)
    }

    @Test(arguments: [
        ("", "line 1: expected the end of `an element`"),
        ("<testsuite>\n<testcase name='a'>\n", "line 3: expected the end of `testcase`"),
        ("<html/>", "line 1: expected `testsuites` or `testsuite`, found `html`"),
        ("<testsuite></testsuites>", "line 1: unexpected end of `testsuites`"),
        ("<testsuite/><testsuite/>", "line 1: expected one element at the top"),
        ("<testsuite name=a/>", "line 1: expected a value in quotes"),
        ("<testsuite name='&lol;'/>", "line 1: unknown entity `&lol;`"),
        ("<testsuite name='&#xD800;'/>", "line 1: unknown entity `&#xD800;`"),
        ("<testsuite a='1' a='2'/>", "line 1: `testsuite` has two attributes `a`"),
        ("<testsuite><!-- ", "line 1: expected `-->`"),
        (
            "<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><testsuite name='&x;'/>",
            "line 1: expected no document type"
        ),
    ])
    func `what is no report is refused with the line`(_ text: String, _ expected: String) {
        #expect(problem(text) == expected)
    }

    @Test func `entities do not grow, and nothing outside the file is read`() {
        let bomb = """
            <!DOCTYPE lolz [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>
            <testsuite><testcase name="&b;"/></testsuite>
            """
        #expect(problem(bomb) == "line 1: expected no document type")
    }

    @Test func `whatever is damaged in one, it is read or refused`() {
        let whole = Array(
            """
            <?xml version="1.0"?><!-- c --><testsuites><testsuite name='s' tests="2"><properties/>
            <testcase name="a &lt;b&gt;&#x41;" classname="s" time="1,0.5" status="run"><failure message=""/></testcase>
            <testcase name="gone"><skipped/><system-out><![CDATA[ ]]></system-out></testcase></testsuite></testsuites>
            """.utf8)
        let marks = Array("<>/&;=\"'!-[]? \u{0}#xé".utf8)
        var state: UInt64 = 17
        func next(below limit: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % limit
        }
        var reports = 0
        for _ in 0..<3000 {
            var bytes = whole
            for _ in 0...next(below: 3) {
                let place = next(below: bytes.count)
                switch next(below: 4) {
                case 0: bytes[place] = marks[next(below: marks.count)]
                case 1: bytes.insert(marks[next(below: marks.count)], at: place)
                case 2: bytes.removeSubrange(place..<min(bytes.count, place + 1 + next(below: 9)))
                default: bytes.removeLast(next(below: bytes.count))
                }
                if bytes.isEmpty { bytes = [0] }
            }
            let report = try? bytes.withUnsafeBytes { bytes throws(XMLProblem) in try JUnitReport.read(bytes) }
            if report != nil { reports += 1 }
        }
        #expect(reports > 100 && reports < 2900)
    }

    @Test func `depth, number and size have bounds`() throws {
        let deep = String(repeating: "<testsuite>", count: 100)
        #expect(problem(deep) == "line 1: elements lie too deep in each other")
        let many = (0...JUnitReport.testLimit).map { "<testcase name='\($0)'/>" }.joined()
        #expect(problem("<testsuite>\(many)</testsuite>")?.contains("expected at most 20000 tests") == true)
        let long = (0..<8000).map { "<testcase name='\($0)\(String(repeating: "n", count: 290))'/>" }.joined()
        #expect(problem("<testsuite>\(long)</testsuite>")?.contains("names of 2.0 MiB") == true)
        let wide = (0..<100).map { " a\($0)=''" }.joined()
        #expect(problem("<testsuite\(wide)/>") == "line 1: `testsuite` has too many attributes")
        let output = String(repeating: "<b> & \" ]]", count: 400_000)
        let huge = "<testsuite><testcase name='a'><system-out><![CDATA[\(output)]]></system-out></testcase></testsuite>"
        #expect(try results(huge) == ["a passed 0"])
        let value = "<testsuite name='\(String(repeating: "&amp;", count: 100_000))'/>"
        #expect(try read(value).tests == [])
    }
}
