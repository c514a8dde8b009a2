// SPDX-License-Identifier: Apache-2.0

import CanaryModel

/// Failed tests as test frameworks print them: GoogleTest, Catch2, doctest, Boost, pytest, unittest.
enum TestFailure {
    static let matchers = [
        ErrorMatcher(": Failure", googleTest), ErrorMatcher("[  FAILED  ] ", googleTestEnd),
        ErrorMatcher("E   ", pytest),
        ErrorMatcher("FAIL: ", unittest), ErrorMatcher("ERROR: ", unittest), ErrorMatcher(": FAILED:", located),
        ErrorMatcher(": ERROR:", located), ErrorMatcher(": FATAL ERROR:", located),
        ErrorMatcher("error: in \"", boost), ErrorMatcher("FAILED: ", checked),
    ]

    /// `testHalf.cpp:7: Failure`, the expectation, and `[  FAILED  ] Half.Odd (0 ms)` at the end.
    private static func googleTest(_ line: LogLine, _ region: LogRegion) -> Finding? {
        guard let (before, rest) = line.text.trimmed.split(at: ": Failure"), rest.isEmpty else { return nil }
        let location = FileLocation(before)
        guard location != nil || before == "unknown file" else { return nil }
        let after = region.lines(after: line, count: 200).map(\.text.trimmed)
        let ends = ["[  FAILED  ] ", "[ RUN ", "[-----", "[====="]
        let end = after.firstIndex { line in ends.contains(where: line.hasPrefix) } ?? min(8, after.count)
        let name = after.dropFirst(end).first.flatMap { failedTest(in: $0) }
        let message = after[..<min(end, 6)].filter { !$0.isEmpty }.joined(separator: " ")
        let label = name.map { " [  FAILED  ] \($0)" } ?? ""
        // The name of the test must not be cut off by the limit of the text.
        let text = "\(line.text.trimmed) \(message.prefix(Diagnosis.textLimit - 150))\(label)"
        return Finding(.testFailed, text, at: [location].compactMap(\.self), cause: "\(name ?? "") \(message)")
    }

    private static func googleTestEnd(_ line: LogLine, _ region: LogRegion) -> Finding? {
        guard let name = failedTest(in: line.text) else { return nil }
        return Finding(.testFailed, line.text.trimmed, cause: name)
    }

    /// `Half.Odd` of `[  FAILED  ] Half.Odd (0 ms)`; nil for a count, `3 tests, listed below:`.
    private static func failedTest(in text: some StringProtocol) -> String? {
        guard text.hasPrefix("[  FAILED  ] ") else { return nil }
        let name = text.dropFirst("[  FAILED  ] ".count).prefix { $0 != "," && $0 != " " }
        return name.isEmpty || name.first?.isNumber == true ? nil : String(name)
    }

    /// `E   assert 2 == 3` under `____ test_odd ____`; the location stands before or after.
    private static func pytest(_ line: LogLine, _ region: LogRegion) -> Finding? {
        guard line.text.hasPrefix("E   ") else { return nil }
        let after = region.lines(after: line, count: 60).lazy.map(\.text).prefix { !$0.hasPrefix("===") }
        let before = region.lines(before: line, count: 400).lazy.map(\.text).prefix { !$0.hasPrefix("===") }
        let headings = before.filter { $0.hasPrefix("____") || $0.hasPrefix("_ ") }.map(\.trimmingUnderscores)
        // Between the frames of one failure stand lines without a name.
        let name = headings.first { !$0.isEmpty } ?? ""
        let message = line.text.dropFirst(1).trimmed
        let title = name.hasPrefix("ERROR") ? name : "FAILED \(name)"
        let text = name.isEmpty ? message : "\(title) - \(message)"
        let location = after.compactMap(pytestLocation).first ?? before.compactMap(pytestLocation).first
        return Finding(.testFailed, text, at: [location].compactMap(\.self), cause: "\(name) \(message)")
    }

    /// `tests/test_half.py:8: AssertionError`, `tests/test_half.py:1: in <module>`.
    private static func pytestLocation(in text: String) -> FileLocation? {
        guard let (location, after) = text.split(at: ": "), after.first?.isLetter == true, !text.hasPrefix(" ") else {
            return nil
        }
        return FileLocation(location)
    }

    /// `FAIL: test_odd (T.test_odd)`, a line, and a traceback.
    private static func unittest(_ line: LogLine, _ region: LogRegion) -> Finding? {
        let title = line.text.trimmed
        guard title.hasPrefix("FAIL: ") || title.hasPrefix("ERROR: ") else { return nil }
        let after = region.lines(after: line, count: 4)
        // Automake's list of tests.
        if region.stage == .test, title.hasPrefix("FAIL: "), !title.dropFirst(6).contains(" ") {
            return Finding(.testFailed, title, cause: title)
        }
        guard after.first?.text.hasPrefix("-----") == true, let traceback = after.dropFirst().first,
            let (text, locations) = PythonError.exception(after: traceback, region)
        else { return nil }
        return Finding(.testFailed, "\(title) \(text)", at: locations, cause: "\(title) \(text)")
    }

    /// Boost `a.cpp(12): error: in "x": ...`; for an exception only the last line that was passed is known.
    private static func boost(_ line: LogLine, _ region: LogRegion) -> Finding? {
        let text = line.text.trimmed
        guard let (before, _) = text.split(at: ": fatal error: in \"") ?? text.split(at: ": error: in \"") else {
            return nil
        }
        guard before.hasPrefix("unknown location") else {
            return FileLocation(before).map { Finding(.testFailed, text, at: $0) }
        }
        let next = region.lines(after: line, count: 1).first?.text.split(at: ": last checkpoint: ")
        return Finding(.testFailed, text, at: next.flatMap { FileLocation($0.before) })
    }

    /// Catch2 `a.cpp:12: FAILED:`, doctest `a.cpp:12: ERROR: ...`.
    private static func located(_ line: LogLine, _ region: LogRegion) -> Finding? {
        let text = line.text.trimmed
        let parts = [": FAILED:", ": ERROR: ", ": FATAL ERROR: "].lazy.compactMap { text.split(at: $0) }.first
        guard let (before, message) = parts, let location = FileLocation(before) else { return nil }
        let after = message.isBlank ? region.lines(after: line, count: 4).map(\.text.trimmed) : []
        let more = after.prefix { !$0.isEmpty }
        return Finding(.testFailed, ([text] + more).joined(separator: " "), at: location)
    }

    /// OpenImageIO and OpenColorIO: `half_test.cpp:12:`, then `FAILED: a == b`, then the indented values.
    private static func checked(_ line: LogLine, _ region: LogRegion) -> Finding? {
        guard line.text.hasPrefix("FAILED: "), region.stage == .test else { return nil }
        let above = region.lines(before: line, count: 1).first?.text.trimmed ?? ""
        guard above.hasSuffix(":"), let location = FileLocation(above.dropLast()) else { return nil }
        let values = region.lines(after: line, count: 3).map(\.text).prefix { $0.first?.isWhitespace == true }
        return Finding(
            .testFailed, ([above, line.text.trimmed] + values.map(\.trimmed)).joined(separator: " "), at: location)
    }
}

extension String {
    fileprivate var trimmingUnderscores: String {
        let start = drop { $0 == "_" || $0 == " " }
        return String(start.reversed().drop { $0 == "_" || $0 == " " }.reversed())
    }
}
