// SPDX-License-Identifier: Apache-2.0

import CanaryTestSupport
import Testing

@Suite("tests of builds")
struct TestResultTests {
    private static func project(_ tests: String) -> String {
        """
        cmake_minimum_required(VERSION 3.20)
        project(app LANGUAGES NONE)
        enable_testing()
        install(FILES CMakeLists.txt DESTINATION share)
        \(tests)

        """
    }

    private static let answer = project("add_test(NAME answer COMMAND true)\nadd_test(NAME colour COMMAND true)")

    @Test func `of ctest are recorded, and one that fails is named`() async throws {
        try await MiniForge.with { forge in
            let app = forge.repository("app")
            app.commit(["CMakeLists.txt": Self.answer])
            try forge.manifest("app", ["cmake: {test: true}"])
            let green = try await forge.run().job("app@local/head")["tests"]
            #expect(green["ran"] == 2 && green["failed"] == 0 && green["before"] == .null && green["note"] == .null)

            app.commit(["CMakeLists.txt": Self.answer.replacing("colour COMMAND true", with: "colour COMMAND false")])
            let red = try await forge.run(expecting: 1).job("app@local/head")
            #expect(red["reasonCode"] == "test.failed" && red["tests"]["newlyFailing"]["names"][0] == "colour")
            #expect(red["tests"]["note"] == "1 newly failing in this build: colour")
            let shown = try await forge.document("show", try #require(red["tests"]["attempt"].text))["tests"]
            #expect(shown["results"].all("test") == ["answer", "colour"])
            #expect(shown["results"].all("result") == ["passed", "failed"])
        }
    }

    @Test func `are missed: no test at all is a failure where tests are asked for`() async throws {
        try await MiniForge.with { forge in
            forge.repository("app").commit(["CMakeLists.txt": Self.project("")])
            try forge.manifest("app", ["cmake: {test: true}"])
            let job = try await forge.run(expecting: 1).job("app@local/head")
            #expect(job["stage"] == "test" && job["firstError"]["text"].text?.contains("No tests were found") == true)
            #expect(job["tests"]["ran"] == 0)
        }
    }

    /// A project of one script that reports the tests in the file `tests` of its source, and always passes.
    private func tolerant(_ forge: MiniForge) throws -> TestRepository {
        let script = "\(MiniForge.installs)\ncp \"$CANARY_SOURCE/tests\" \"$CANARY_BUILD/canary-tests.xml\" || true\n"
        return try forge.project("app", files: ["build.sh": script, "tests": Self.report(failing: [])])
    }

    private static func report(failing names: [String]) -> String {
        let cases = ["one", "two"].map { name in
            "<testcase name=\"\(name)\" time=\"0.5\">\(names.contains(name) ? "<failure/>" : "")</testcase>"
        }
        return "<testsuite>\(cases.joined())</testsuite>\n"
    }

    @Test func `that a script reports are told when they turn red in a green build, and when none is left`()
        async throws
    {
        try await MiniForge.with { forge in
            let app = try tolerant(forge)
            try await forge.run()
            app.commit(["tests": Self.report(failing: ["two"])])
            let text = try await forge.canary("run").expect(0)
            #expect(text.output.contains("app@local/head tests: 1 newly failing in a passed build: two\n"))
            let status = try await forge.document("status").job("app@local/head")
            #expect(status["verdict"] == "passing" && status["tests"]["newlyFailing"]["names"][0] == "two")
            let detail = try await forge.canary("status", "app@local/head").expect(0)
            #expect(detail.output.contains(/tests +2 ran, 1 failed, in a/), "\(detail.output)")

            app.commit(["tests": "<!DOCTYPE x><testsuite/>\n"])
            let none = try await forge.run().job("app@local/head")
            #expect(none["tests"]["note"] == "no test is reported; the passed build before it ran 2")
            let attempt = try await forge.document("show", try #require(none["tests"]["attempt"].text))
            let detail2 = attempt["detail"].text ?? ""
            #expect(
                detail2.contains("the tests are not recorded: `canary-tests.xml` line 1: expected no document type"))
            #expect(attempt["tests"] == .null)
        }
    }

    @Test func `are listed with how often they fail by accident`() async throws {
        try await MiniForge.with { forge in
            let app = try tolerant(forge)
            try await forge.run()
            let flaky = """
                mkdir -p "$CANARY_PREFIX"
                mark="\(forge.root)/mark"
                if [ -e "$mark" ]; then cp "$CANARY_SOURCE/good" canary-tests.xml; exit 0; fi
                touch "$mark"; cp "$CANARY_SOURCE/tests" canary-tests.xml; exit 1

                """
            app.commit([
                "build.sh": flaky, "tests": Self.report(failing: ["one"]), "good": Self.report(failing: []),
            ])
            let run = try await forge.run()
            #expect(run.job("app@local/head")["flaky"] == .bool(true))
            let tests = try await forge.document("history", "app", "--tests")["tests"]
            #expect(tests.all("test") == ["one", "two"])
            #expect(tests[0]["ran"] == 3 && tests[0]["flakes"] == 1 && tests[0]["flakeRate"] == .number(0.3333))
            #expect(tests[1]["flakes"] == 0 && tests[1]["lastResult"] == "passed")
            let text = try await forge.canary("history", "app@local/head", "--tests").expect(0)
            #expect(text.output.contains(/one +3 +1 +1 \(33 %\) +passed +0.5 s/), "\(text.output)")
            try await forge.canary("history", "--tests").expect(2)
        }
    }

    @Test func `lead to the commit since which one fails, although every build passes`() async throws {
        try await MiniForge.with { forge in
            let app = try tolerant(forge)
            try await forge.run()
            var commits: [String] = []
            for number in 1...6 {
                let failing = (number >= 2 ? ["one"] : []) + (number >= 4 ? ["two"] : [])
                commits.append(app.commit(["tests": Self.report(failing: failing), "n": "\(number)"]))
            }
            try await forge.run()
            let found = try await forge.document("bisect", "upstream", "app", "--test", "two")
            #expect(found["result"] == "culprit" && found["test"] == "two")
            #expect(found["culprit"]["revision"] == .text(commits[3]))
            let other = try await forge.document("bisect", "upstream", "app", "--test", "one")
            #expect(other["culprit"]["revision"] == .text(commits[1]), "each test has a search of its own")
            let again = try await forge.document("bisect", "upstream", "app", "--test", "two")
            #expect(again["search"] == found["search"] && again["builds"] == found["builds"])

            let unknown = try await forge.canary("bisect", "upstream", "app", "--test", "twoo").expect(2)
            #expect(unknown.errors.contains("no build of `app` reported a test `twoo`"))
            #expect(unknown.errors.contains("did you mean `two`?"))
        }
    }

    @Test func `and the run that made them are written for other programs`() async throws {
        try await MiniForge.with { forge in
            let app = try tolerant(forge)
            try await forge.run()
            app.commit(["tests": Self.report(failing: ["two"])])
            let run = try #require(try await forge.run()["run"].text)
            let junit = try await forge.canary("show", run, "--format", "junit").expect(0)
            #expect(junit.output.contains(#"<testcase name="two" classname="app@local/head" time="0.500">"#))
            let sarif = try await forge.canary("show", run, "--format", "sarif").expect(0)
            #expect(sarif.output.contains(#""ruleId" : "test.failed""#))
            let wrong = try await forge.canary("show", "app@local/head", "--format", "sarif").expect(2)
            #expect(wrong.errors.contains("`--format sarif` is for a run"))
        }
    }
}
