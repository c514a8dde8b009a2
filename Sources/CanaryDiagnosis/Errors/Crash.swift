// SPDX-License-Identifier: Apache-2.0

import CanaryModel

/// Programs that crashed: C++ exceptions, assertions, sanitizers, signals.
enum Crash {
    static let matchers =
        [
            ErrorMatcher("terminate called ", terminate), ErrorMatcher("ssertion ", assertion),
            ErrorMatcher("SUMMARY: ", sanitizer), ErrorMatcher(": runtime error: ", sanitizer),
            ErrorMatcher("' panicked at ", panic), ErrorMatcher(") panicked at ", panic),
        ] + memcheck.map { ErrorMatcher("== \($0)", valgrind) } + signals.map { ErrorMatcher($0, signal) }

    private static let signals = [
        "Segmentation fault", "Aborted", "Bus error", "Illegal instruction", "Floating point exception",
        "Trace/breakpoint",
    ]

    /// The next line contains the message of the exception.
    private static func terminate(_ line: LogLine, _ region: LogRegion) -> Finding? {
        let what = region.lines(after: line, count: 1).first?.text.trimmed ?? ""
        let text = line.text.trimmed + (what.hasPrefix("what():") ? " " + what : "")
        return Finding(region.stage.otherReason, text)
    }

    /// The message of glibc: program, file, line, function and `Assertion ... failed.`.
    private static func assertion(_ line: LogLine, _ region: LogRegion) -> Finding? {
        let text = line.text.trimmed
        guard text.contains(" failed") || text.contains("Assertion failed") else { return nil }
        let locations = text.split(separator: ": ").compactMap { FileLocation($0) }
        guard !locations.isEmpty || text.contains("Assertion failed") else { return nil }
        return Finding(region.stage.otherReason, text, at: Array(locations.prefix(1)))
    }

    /// What valgrind finds: the frames below it name files without folders.
    private static let memcheck = [
        "Invalid ", "Conditional jump ", "Use of uninitialised ", "Mismatched free", "Syscall param ",
        "Process terminating ",
    ]

    private static func valgrind(_ line: LogLine, _ region: LogRegion) -> Finding? {
        let text = line.text.trimmed
        guard text.hasPrefix("=="), let (_, message) = text.dropFirst(2).split(at: "== ") else { return nil }
        let frames = region.lines(after: line, count: 12).lazy.map(\.text).filter { $0.contains(" 0x") }
        let location = frames.compactMap { frame -> FileLocation? in
            guard frame.hasSuffix(")"), let bracket = frame.lastIndex(of: "(") else { return nil }
            return FileLocation(frame[frame.index(after: bracket)...].dropLast())
        }.first
        return Finding(region.stage.otherReason, String(message), at: location)
    }

    /// Rust: `thread 'main' (4711) panicked at src/half.rs:3:5:`, and the message.
    private static func panic(_ line: LogLine, _ region: LogRegion) -> Finding? {
        let text = line.text.trimmed
        guard text.hasPrefix("thread '"), let (_, place) = text.split(at: "panicked at ") else { return nil }
        let message = region.lines(after: line, count: 1).first?.text.trimmed ?? ""
        let location = FileLocation(place.hasSuffix(":") ? place.dropLast() : place)
        return Finding(region.stage.otherReason, "panicked at \(place) \(message)", at: location)
    }

    private static func sanitizer(_ line: LogLine, _ region: LogRegion) -> Finding? {
        let text = line.text.trimmed
        if let (location, _) = text.split(at: ": runtime error: ") {
            return FileLocation(location).map { Finding(region.stage.otherReason, text, at: $0) }
        }
        guard text.hasPrefix("SUMMARY: "), text.contains("Sanitizer") else { return nil }
        return Finding(
            region.stage.otherReason, text, at: text.split(separator: " ").lazy.compactMap { FileLocation($0) }.first)
    }

    /// A line of the shell; the GoogleTest test that was running is added.
    private static func signal(_ line: LogLine, _ region: LogRegion) -> Finding? {
        let text = line.text.trimmed
        guard signals.contains(where: { text == $0 || text == "\($0) (core dumped)" }) || isShells(text) else {
            return nil
        }
        let running = region.lines(before: line, count: 200).lazy.map(\.text).first { $0.hasPrefix("[") }
        guard let running, running.hasPrefix("[ RUN ") else { return Finding(region.stage.otherReason, text) }
        return Finding(region.stage.otherReason, "\(running.trimmed) \(text)")
    }

    /// `run.sh: line 3:  4711 Segmentation fault      ./t`.
    private static func isShells(_ text: String) -> Bool {
        text.contains(": line ")
            && signals.contains { text.contains(" \($0)  ") || text.contains(" \($0) (core dumped)") }
    }
}
