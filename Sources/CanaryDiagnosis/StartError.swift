// SPDX-License-Identifier: Apache-2.0

import CanaryModel

/// Programs that could not be run: missing, not executable, or without a library they need.
enum StartError {
    static let recognisers =
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

    /// Reads `line` if a shell, `env` or make says there what it could not run.
    static func read(_ line: LogLine, _ scene: LogRegion) -> Finding? {
        let text = line.text.trimmed
        let parts = text.split(separator: ": ", omittingEmptySubsequences: false)
        guard parts.count > 2 else { return nil }
        if text.containsAny([": bad interpreter", ": cannot execute: required file not found"]) {
            return Finding(.environmentToolMissing, text)
        }
        guard endings.contains(where: text.hasSuffix), caller(of: parts) else { return nil }
        // A name without a folder is searched in the PATH; a file of the project is the project's.
        let program = parts[parts.count - 2].filter { !"'‘’`".contains($0) }
        let isOurs = program.contains("/") && scene.names.isOurs(program)
        let place = ShellLocation.place(in: text) ?? (isOurs ? FileLocation(file: program, line: nil) : nil)
        return Finding(isOurs ? scene.stage.otherReason : .environmentToolMissing, text, at: place)
    }

    /// Whether what stands before the program shows that somebody wanted to run it.
    private static func caller(of parts: [Substring]) -> Bool {
        let before = parts[parts.count - 3]
        if parts.count == 3 {
            let name = before.prefix { $0 != "[" }.lastPathPart
            return shells.contains(name) || ["make", "gmake"].contains(name)
        }
        return Int(before) != nil || before.hasPrefix("line ") && Int(before.dropFirst(5)) != nil
    }

    private static func noTool(_ line: LogLine, _ scene: LogRegion) -> Finding? {
        Finding(.environmentToolMissing, line.text.trimmed)
    }

    private static func loader(_ line: LogLine, _ scene: LogRegion) -> Finding? {
        Finding(scene.stage.otherReason, line.text.trimmed)
    }
}

/// Where in a script a shell stopped: `build.sh: 4: cd: ...` or `build.sh: line 4: ...`.
enum ShellLocation {
    static func place(in text: String) -> FileLocation? {
        let parts = text.split(separator: ": ", maxSplits: 2)
        guard parts.count == 3, !parts[0].contains(" "), parts[0].contains("/") || parts[0].contains(".") else {
            return nil
        }
        // The shell's own name stands there when the script came as an argument.
        guard !["sh", "bash", "dash"].contains(parts[0].lastPathPart) else { return nil }
        let number = parts[1].hasPrefix("line ") ? parts[1].dropFirst(5) : parts[1]
        return Int(number).map { FileLocation(file: String(parts[0]), line: $0) }
    }
}
