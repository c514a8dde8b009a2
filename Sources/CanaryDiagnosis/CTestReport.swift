// SPDX-License-Identifier: Apache-2.0

import CanaryModel

/// What ctest prints: a line a test, what failed tests printed, and a list of them at the end.
struct CTestReport {
    static let needles = ["***", summary, "No tests were found!!!"]
    private static let summary = "The following tests FAILED:"

    /// One test that failed, as its line or the list tells.
    private struct Failure {
        let number: Int
        let name: String
        let how: String
    }

    private let scan: LogScan
    private let scene: LogRegion

    init(_ scan: LogScan, _ scene: LogRegion) {
        self.scan = scan
        self.scene = scene
    }

    /// The first failed test by number, which does not depend on who was faster; nil without ctest.
    var finding: Finding? {
        let told = scan.lines(with: "***", in: scene).lazy.compactMap { scene.line(at: $0) }
            .compactMap { line in failure(in: line.text).map { (line, $0) } }
        let list = scan.lines(with: Self.summary, in: scene).last.flatMap { scene.line(at: $0) }
        guard let list, let entry = scene.lines(after: list, count: 1).first, let listed = listed(in: entry.text) else {
            return told.first.map { finding(of: $1, at: $0) } ?? nothing
        }
        guard let line = told.first(where: { $0.1.number == listed.number })?.0 else {
            return Finding(.testFailed, entry.text.trimmed, cause: "\(listed.name) \(listed.how)")
        }
        return finding(of: listed, at: line)
    }

    private var nothing: Finding? {
        scan.lines(with: "No tests were found!!!", in: scene).first.flatMap { scene.line(at: $0) }
            .map { Finding(.testFailed, $0.text.trimmed) }
    }

    private func finding(of failure: Failure, at line: LogLine) -> Finding {
        let text = line.text.trimmed
        // Somebody else did it, as with a stage: there is no signal that a test cannot have deserved but this one.
        if failure.how.contains("killed") { return Finding(.environmentKilled, text) }
        let output = output(of: failure, line)
        let ranks: [[ErrorMatcher.Rank]] = [
            [.testing], [.machine], [.python], [.crashing], [.starting], [.compiling, .configuring],
        ]
        let detail = scan.finding(in: output, ranks)
        if let detail, detail.reason.fault == .environment {
            return Finding(detail.reason, "\(text) \(detail.text)", at: detail.places)
        }
        let unable = failure.how.contains("Not Run") ? missing(before: line) : nil
        let last =
            detail == nil ? scene.log.lastLines(count: 1, in: output.regions[0]).compactMap(output.unmarked).first : nil
        let more = detail?.text ?? unable ?? last?.text.trimmed
        return Finding(
            .testFailed, more.map { "\(text) \($0)" } ?? text, at: detail?.places ?? [],
            cause: "\(failure.name) \(failure.how) \(detail?.cause ?? detail?.text ?? "")")
    }

    /// What the test printed: with `--output-on-failure` behind its line, with `-V` before it.
    private func output(of failure: Failure, _ line: LogLine) -> LogRegion {
        let mark = "\(failure.number): "
        let before = scene.lines(before: line, count: 5000).prefix { !$0.text.trimmed.hasPrefix("Start \(mark)") }
        if let first = before.last, before.contains(where: { $0.text.hasPrefix("\(mark)Test command: ") }) {
            return scene.narrowed(to: [first.range.lowerBound..<line.range.lowerBound], mark: mark)
        }
        let behind = scene.lines(after: line, count: 5000).prefix { !isNextTest($0.text) }
        return scene.narrowed(to: [line.range.upperBound..<(behind.last?.range.upperBound ?? line.range.upperBound)])
    }

    /// The program that a test names and that was not found.
    private func missing(before line: LogLine) -> String? {
        scene.lines(before: line, count: 40).lazy.map(\.text.trimmed).first {
            $0.hasPrefix("Unable to find executable: ")
        }
    }

    private func isNextTest(_ text: String) -> Bool {
        let words = text.split(separator: " ")
        return words.first == "Start" && words.count > 2 && words[1].hasSuffix(":") || text.contains("% tests passed, ")
            || words.count > 3 && words[0].contains("/") && words[1] == "Test" && words[2].hasPrefix("#")
            || words.count == 2 && words[0] == "test" && Int(words[1]) != nil
    }

    /// `20/38 Test #20: Imath.testFun ....Subprocess aborted***Exception:   0.00 sec`.
    private func failure(in text: String) -> Failure? {
        guard let (before, rest) = text.split(at: " Test "), before.contains("/") || before.isBlank,
            let (number, behind) = rest.split(at: ": "), let number = Int(number.drop { " #".contains($0) }),
            let (told, how) = behind.split(at: "***"), !how.hasPrefix("Skipped"), !how.hasPrefix("Not Run (Disabled)")
        else { return nil }
        let name = told.split(at: " .")?.before ?? told
        let said = told.dropFirst(name.count).drop { " .".contains($0) } + how
        return Failure(number: number, name: String(name), how: said.filter { !$0.isNumber }.trimmed)
    }

    /// `	 20 - Imath.testFun (Subprocess aborted)`.
    private func listed(in text: String) -> Failure? {
        guard let (number, rest) = text.trimmed.split(at: " - "), let number = Int(number),
            let bracket = rest.lastIndex(of: "(")
        else { return nil }
        return Failure(
            number: number, name: rest[..<bracket].trimmed, how: String(rest[bracket...].prefix { $0 != ")" }))
    }
}
