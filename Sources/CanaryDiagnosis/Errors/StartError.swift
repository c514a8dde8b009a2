// SPDX-License-Identifier: Apache-2.0

import CanaryModel

/// Programs that could not be started: missing, not executable, or without a required library.
enum StartError {
    static let matchers =
        endings.map { ErrorMatcher($0, read) } + [
            ErrorMatcher("cannot execute", read), ErrorMatcher("fatal error: cannot find ", noTool),
            ErrorMatcher("fatal error: cannot execute ", noTool),
            ErrorMatcher("error while loading shared libraries: ", loader),
            ErrorMatcher("symbol lookup error: ", loader),
            ErrorMatcher("' not found (required by ", loader),
        ]

    private static let endings = [
        ": not found", ": command not found", ": Command not found", ": Permission denied",
        ": No such file or directory", ": bad interpreter",
    ]
    private static let shells: Set<String> = [
        "sh", "bash", "dash", "ash", "zsh", "busybox", "env", "xargs", "nice", "time",
    ]

    /// Reads a line in which a shell, `env` or make reports what it could not run.
    static func read(_ line: LogLine, _ region: LogRegion) -> Finding? {
        let text = line.text.trimmed
        let parts = text.split(separator: ": ", omittingEmptySubsequences: false)
        guard parts.count > 2 else { return nil }
        if text.containsAny([": bad interpreter", ": cannot execute: required file not found"]) {
            return Finding(.environmentToolMissing, text)
        }
        guard endings.contains(where: text.hasSuffix), caller(of: parts) else { return nil }
        // A name without a folder is searched in PATH; a path of the project means that the project is at fault.
        let program = parts[parts.count - 2].filter { !"'‘’`".contains($0) }
        let isOurs = program.contains("/") && region.names.isOurs(program)
        let location = ShellLocation.location(in: text) ?? (isOurs ? FileLocation(file: program, line: nil) : nil)
        return Finding(isOurs ? region.stage.otherReason : .environmentToolMissing, text, at: location)
    }

    /// Whether the text before the program shows that something tried to run it.
    private static func caller(of parts: [Substring]) -> Bool {
        let before = parts[parts.count - 3]
        if parts.count == 3 {
            let name = before.prefix { $0 != "[" }.lastPathPart
            return shells.contains(name) || ["make", "gmake"].contains(name)
        }
        return Int(before) != nil || before.hasPrefix("line ") && Int(before.dropFirst(5)) != nil
    }

    private static func noTool(_ line: LogLine, _ region: LogRegion) -> Finding? {
        Finding(.environmentToolMissing, line.text.trimmed)
    }

    private static func loader(_ line: LogLine, _ region: LogRegion) -> Finding? {
        Finding(region.stage.otherReason, line.text.trimmed)
    }
}

/// The line of a script at which a shell stopped: `build.sh: 4: cd: ...` or `build.sh: line 4: ...`.
enum ShellLocation {
    static func location(in text: String) -> FileLocation? {
        let parts = text.split(separator: ": ", maxSplits: 2)
        guard parts.count == 3, !parts[0].contains(" "), parts[0].contains("/") || parts[0].contains(".") else {
            return nil
        }
        // The name of the shell stands there when the script was passed as an argument.
        guard !["sh", "bash", "dash"].contains(parts[0].lastPathPart) else { return nil }
        let number = parts[1].hasPrefix("line ") ? parts[1].dropFirst(5) : parts[1]
        return Int(number).map { FileLocation(file: String(parts[0]), line: $0) }
    }
}
