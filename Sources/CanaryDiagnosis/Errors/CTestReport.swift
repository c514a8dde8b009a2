// SPDX-License-Identifier: Apache-2.0

import CanaryModel

/// The output of ctest: a line for each test, the output of failed tests, and a list of them at the end.
struct CTestReport {
    static let needles = ["***", summary, "No tests were found!!!"]
    private static let summary = "The following tests FAILED:"

    /// A failed test, from its line or from the list.
    private struct Failure {
        let number: Int
        let name: String
        let how: String

        /// Whether it received the one signal that is certain to come from outside.
        var isKilled: Bool { how.contains("killed") }
    }

    let scan: LogScan
    let region: LogRegion

    /// How many failed tests are looked at.
    private static let most = 200

    /// The failed test with the lowest number, which does not depend on the order of execution, that was not killed and
    /// does not blame the machine; without one, the lowest of all; nil without ctest.
    var finding: Finding? {
        var others: Finding?
        for (failure, line) in failures {
            let finding = line.map { self.finding(of: failure, at: $0) } ?? listed(failure)
            if finding.reason.fault == .change, !failure.isKilled { return finding }
            others = others ?? finding
        }
        return others ?? nothing
    }

    /// The failed tests by number, and the line of each that says how it failed.
    private var failures: [(Failure, LogLine?)] {
        let lines = scan.lines(with: "***", in: region).lazy.compactMap { region.line(at: $0) }
            .compactMap { line in failure(in: line.text).map { ($0, line) } }
        let list = scan.lines(with: Self.summary, in: region).last.flatMap { region.line(at: $0) }
        let listed = list.map { region.lines(after: $0, count: Self.most).lazy.map(\.text).map(self.listed) }
        let named = listed.map { Array($0.prefix { $0 != nil }.compactMap(\.self)) } ?? []
        guard !named.isEmpty else { return lines.prefix(Self.most).sorted { $0.0.number < $1.0.number } }
        let known = Dictionary(lines.map { ($0.number, $1) }, uniquingKeysWith: { first, _ in first })
        return named.map { ($0, known[$0.number]) }
    }

    private func listed(_ failure: Failure) -> Finding {
        Finding(
            .testFailed, "\(failure.number) - \(failure.name) \(failure.how))", cause: "\(failure.name) \(failure.how)")
    }

    private var nothing: Finding? {
        scan.lines(with: "No tests were found!!!", in: region).first.flatMap { region.line(at: $0) }
            .map { Finding(.testFailed, $0.text.trimmed) }
    }

    private func finding(of failure: Failure, at line: LogLine) -> Finding {
        let text = line.text.trimmed
        if failure.isKilled, !scan.denied.contains(.environmentKilled) { return Finding(.environmentKilled, text) }
        let output = output(of: failure, line)
        let ranks: [[ErrorMatcher.Rank]] = [
            [.testing], [.machine], [.python], [.crashing], [.starting], [.compiling, .configuring],
        ]
        let detail = scan.finding(in: output, ranks)
        if let detail, detail.reason.fault == .environment {
            return Finding(detail.reason, "\(text) \(detail.text)", at: detail.locations)
        }
        let hasNotRun = failure.how.contains("Not Run") || failure.how.contains("BAD_COMMAND")
        let unable = hasNotRun ? missing(before: line) : nil
        if let unable, let reason = HostError.reason(of: unable) { return Finding(reason, "\(text) \(unable)") }
        let last =
            detail == nil
            ? region.log.lastLines(count: 1, in: output.regions[0]).compactMap(output.withoutMarker).first : nil
        let more = detail?.text ?? unable ?? last?.text.trimmed
        return Finding(
            .testFailed, more.map { "\(text) \($0)" } ?? text, at: detail?.locations ?? [],
            cause: "\(failure.name) \(failure.how) \(detail?.cause ?? detail?.text ?? "")")
    }

    /// The output of the test: with `--output-on-failure` it follows its line, with `-V` it precedes it.
    private func output(of failure: Failure, _ line: LogLine) -> LogRegion {
        let marker = "\(failure.number): "
        let before = region.lines(before: line, count: 5000).prefix { !$0.text.trimmed.hasPrefix("Start \(marker)") }
        if let first = before.last, before.contains(where: { $0.text.hasPrefix("\(marker)Test command: ") }) {
            return region.narrowed(to: [first.range.lowerBound..<line.range.lowerBound], marker: marker)
        }
        let after = region.lines(after: line, count: 5000).prefix { !isNextTest($0.text) }
        return region.narrowed(to: [line.range.upperBound..<(after.last?.range.upperBound ?? line.range.upperBound)])
    }

    /// The message about a program of a test that was not found or could not be started.
    private func missing(before line: LogLine) -> String? {
        let before = region.lines(before: line, count: 40)
        let unable = before.lazy.map(\.text.trimmed).first { $0.hasPrefix("Unable to find executable: ") }
        guard unable == nil, let start = before.first(where: { $0.text.trimmed == "Process not started" }) else {
            return unable
        }
        return ([start] + region.lines(after: start, count: 2)).map(\.text.trimmed).joined(separator: " ")
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
            let (number, after) = rest.split(at: ": "), let number = Int(number.drop { " #".contains($0) }),
            let (label, how) = after.split(at: "***"), !how.hasPrefix("Skipped"), !how.hasPrefix("Not Run (Disabled)")
        else { return nil }
        let name = label.split(at: " .")?.before ?? label
        let status = label.dropFirst(name.count).drop { " .".contains($0) } + how
        return Failure(number: number, name: String(name), how: status.filter { !$0.isNumber }.trimmed)
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
