// SPDX-License-Identifier: Apache-2.0

import CanaryModel

/// Programs that ended themselves: exceptions of C++, assertions, sanitizers, signals.
enum Crash {
    static let recognisers =
        [
            ErrorMatcher("terminate called ", terminate), ErrorMatcher("ssertion ", assertion),
            ErrorMatcher("SUMMARY: ", sanitizer), ErrorMatcher(": runtime error: ", sanitizer),
        ] + signals.map { ErrorMatcher($0, signal) }

    private static let signals = [
        "Segmentation fault", "Aborted", "Bus error", "Illegal instruction", "Floating point exception",
        "Trace/breakpoint",
    ]

    /// The next line has what the exception says.
    private static func terminate(_ line: LogLine, _ scene: LogRegion) -> Finding? {
        let what = scene.lines(after: line, count: 1).first?.text.trimmed ?? ""
        let text = line.text.trimmed + (what.hasPrefix("what():") ? " " + what : "")
        return Finding(scene.stage.otherReason, text)
    }

    /// What glibc says: program, file, line, function and `Assertion ... failed.`.
    private static func assertion(_ line: LogLine, _ scene: LogRegion) -> Finding? {
        let text = line.text.trimmed
        guard text.contains(" failed") || text.contains("Assertion failed") else { return nil }
        let places = text.split(separator: ": ").compactMap { FileLocation($0) }
        guard !places.isEmpty || text.contains("Assertion failed") else { return nil }
        return Finding(scene.stage.otherReason, text, at: Array(places.prefix(1)))
    }

    private static func sanitizer(_ line: LogLine, _ scene: LogRegion) -> Finding? {
        let text = line.text.trimmed
        if let (place, _) = text.split(at: ": runtime error: ") {
            return FileLocation(place).map { Finding(scene.stage.otherReason, text, at: $0) }
        }
        guard text.hasPrefix("SUMMARY: "), text.contains("Sanitizer") else { return nil }
        return Finding(
            scene.stage.otherReason, text, at: text.split(separator: " ").lazy.compactMap { FileLocation($0) }.first)
    }

    /// What the shell says alone in a line; a test of GoogleTest that was running is named.
    private static func signal(_ line: LogLine, _ scene: LogRegion) -> Finding? {
        let text = line.text.trimmed
        guard signals.contains(where: { text == $0 || text == "\($0) (core dumped)" }) || isShells(text) else {
            return nil
        }
        let running = scene.lines(before: line, count: 200).lazy.map(\.text).first { $0.hasPrefix("[") }
        guard let running, running.hasPrefix("[ RUN ") else { return Finding(scene.stage.otherReason, text) }
        return Finding(scene.stage.otherReason, "\(running.trimmed) \(text)")
    }

    /// `run.sh: line 3:  4711 Segmentation fault      ./t`.
    private static func isShells(_ text: String) -> Bool {
        text.contains(": line ")
            && signals.contains { text.contains(" \($0)  ") || text.contains(" \($0) (core dumped)") }
    }
}
