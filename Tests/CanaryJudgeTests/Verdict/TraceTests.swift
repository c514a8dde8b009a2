// SPDX-License-Identifier: Apache-2.0

import CanaryJudge
import CanaryModel
import CanaryTestSupport
import Foundation
import Testing

@Suite("A trace") struct TraceTests {
    private static let good = #"{"at": "2026-01-01T00:00:00Z", "job": "usd@v/head", "head": "h", "attempts": ["P"]}"#

    private func problems(_ text: String) -> [String] {
        do throws(Trace.Problems) {
            _ = try Trace(reading: Data(text.utf8))
            return []
        } catch {
            return error.all.map { "\($0.line): \($0.message)" }
        }
    }

    @Test func `each field is read`() throws {
        let text = """
            {"at": "2026-01-01T01:00:00+01:00", "job": "usd@v/head", "head": "h7", "upstreams": {"oiio": "s"},
            """.trimmingCharacters(in: .newlines) + #" "attempts": ["F","P","E"], "control": ["F"], "truth": 1}"#
        let line = try #require(try Trace(reading: Data(text.utf8)).lines.first)
        #expect(
            line
                == TraceLine(
                    job: PlanScenario.id("usd"),
                    inputs: Inputs(
                        at: Date(timeIntervalSince1970: 1_767_225_600), inputsHash: "h7", upstreams: ["oiio": "s"]),
                    attempts: [.fail, .pass, .none], control: [.fail]))
    }

    @Test func `lines are sorted by time, empty lines are ignored, the last line break is optional`() throws {
        let late = Self.good.replacing("2026", with: "2027")
        let trace = try Trace(reading: Data("\n\(late)\r\n  \n\(Self.good)".utf8))
        #expect(trace.lines.map(\.at) == trace.lines.map(\.at).sorted() && trace.lines.count == 2)
        #expect(try Trace(reading: Data()).lines.isEmpty)
    }

    @Test func `all problems are reported with their lines`() {
        let text = [
            Self.good, "{\"at\": 5, \"job\": \"usd\", \"attempts\": []}", "not JSON", "[1]",
            Self.good.replacing("[\"P\"]", with: "[\"P\", \"X\", 3]"), Self.good,
            Self.good.replacing("\"head\": \"h\"", with: "\"head\": \"\", \"control\": \"P\", \"upstreams\": [\"a\"]"),
        ].joined(separator: "\n")
        #expect(
            problems(text) == [
                "2: `at`: expected a time such as `2026-11-21T19:30:05Z`, found `5`",
                "2: `job`: expected a job such as `openexr@vfx2026/head`, found `usd`",
                "2: `head` is missing: expected a word for the inputs",
                "2: `attempts`: expected a list of `P` (passed), `F` (failed) and `E` (error), found an empty list",
                "3: expected a JSON object, found text that is not JSON: `not JSON`",
                "4: expected a JSON object, found a list",
                "5: `attempts`: expected `P`, `F` or `E`, found `X`",
                "5: `attempts`: expected `P`, `F` or `E`, found `3`",
                "7: `head`: expected a word for the inputs, found ``",
                "7: `upstreams`: expected an object of names and revisions, found a list",
                "7: `control`: expected a list of `P` (passed), `F` (failed) and `E` (error), found `P`",
            ])
    }

    @Test func `hostile text in a trace is shortened and made harmless`() {
        let escape = Self.good.replacing("usd@v/head", with: "\\u001b[31m" + String(repeating: "x", count: 5000))
        #expect(problems(escape).allSatisfy { $0.count < 200 && !$0.contains("\u{1B}") })
        #expect(problems("\u{1B}[2J\u{0}").count == 1)
        let bytes = Data([0xFF, 0xFE, 0x7B])
        #expect(throws: Trace.Problems.self) { try Trace(reading: bytes) }
        #expect(problems(String(repeating: "[", count: 100_000)).count == 1)
    }

    @Test func `a trace that is replayed twice gives the same result, and every line is a run`() throws {
        let trace = try Trace(reading: Data("\(Self.good)\n\(Self.good)".utf8))
        #expect(Replay(trace).attempts == 2)
        #expect(Replay(trace).sent == Replay(trace).sent)
    }
}
