// SPDX-License-Identifier: Apache-2.0

import CanaryModel

/// Lines in which a compiler's driver, a shell, make or Python reports that a process received SIGKILL.
enum KilledError {
    static let matchers = ["Killed", "killed", "SIGKILL", "signal 9", "exit code: -9"].map { ErrorMatcher($0, killed) }

    private static func killed(_ line: LogLine, _ region: LogRegion) -> Finding? {
        let text = line.text.trimmed
        let isKilled =
            text == "Killed" && !isTests(region) || isMakes(line) || isDrivers(text) || isShells(text)
            || isCallers(text)
        return isKilled ? Finding(.environmentKilled, headline(of: line, region) ?? text) : nil
    }

    /// Whether only a test printed there, which may print anything.
    private static func isTests(_ region: LogRegion) -> Bool { region.stage == .test && region.isNarrow }

    /// What pip and cargo say before the status of the program that they called.
    private static func headline(of line: LogLine, _ region: LogRegion) -> String? {
        let text = line.text.trimmed
        let status = text.hasPrefix("│ ") ? text.dropFirst(2) : text[(text.lastIndex(of: "(") ?? text.startIndex)...]
        let before = region.lines(before: line, count: 4).lazy.map { $0.text.drop { " │×".contains($0) } }
        return before.first { $0.hasSuffix("did not run successfully.") || $0.hasPrefix("error: could not compile `") }
            .map { "\($0) \(status)" }
    }

    /// `make: *** [Makefile:3: half.o] Killed`.
    private static func isMakes(_ line: LogLine) -> Bool {
        MakeLine(line)?.failedTarget != nil && line.text.trimmed.hasSuffix("] Killed")
    }

    /// Each driver has its own words for a killed child; a name and `: ` come first, and no place in source.
    private static func isDrivers(_ text: String) -> Bool {
        guard let (program, rest) = text.split(at: ": "), !program.contains(" "),
            FileLocation(program) == nil
        else { return text.hasPrefix("nvcc error") && text.contains("died due to signal 9") }
        let endings = [
            "unable to execute command: Killed", "terminated with signal 9 [Killed]", "Killed (program cc1plus)",
            "Killed (program cc1)", "Killed (program f951)", "Killed (program lto1)",
        ]
        return endings.contains { rest.contains($0) } || rest.contains("Killed signal terminated program ")
    }

    /// Python and cargo: `died with <Signals.SIGKILL: 9>.`, `(signal: 9, SIGKILL: kill)`.
    private static func isCallers(_ text: String) -> Bool {
        text.contains("' died with <Signals.SIGKILL") || text.contains("] died with <Signals.SIGKILL")
            || text.hasSuffix("(signal: 9, SIGKILL: kill)") || text.hasSuffix("│ exit code: -9")
    }

    /// `build.sh: line 3:  4711 Killed                  make -j8`.
    private static func isShells(_ text: String) -> Bool {
        guard let (before, _) = text.split(at: " Killed  "), before.contains(": line ") else { return false }
        return before.split(separator: " ").last.flatMap { Int($0) } != nil
    }
}
