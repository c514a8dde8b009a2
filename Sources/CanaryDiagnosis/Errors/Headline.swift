// SPDX-License-Identifier: Apache-2.0

/// Headlines of tools that called another one: they say that it failed, and it printed why.
enum Headline {
    /// Whether `text` is such a line.
    static func isIn(_ text: String) -> Bool {
        let text = text.drop { " │|×".contains($0) }
        return beginnings.contains(where: text.hasPrefix) || text.containsAny(words)
    }

    private static let beginnings = [
        "error: subprocess-exited-with-error", "error: metadata-generation-failed", "error: failed-wheel-build",
        "ERROR: Failed ", "ERROR: Could not build wheels", "ERROR Backend subprocess", "Failed to build ",
        "error: command '", "error: Failed to build", "*** CMake ", "SystemExit", "Error: Process completed with ",
        "error: could not compile `", "error: build failed", "note: This error originates from a subprocess",
        "note: This is an issue with the package", "hint: See above for ", "[end of output]", "ninja: build stopped",
        "Traceback (most recent call last)", "INFO: autodetecting backend", "INFO: calculating backend command",
        "exit code: ", "╰─> ", "ERROR: process failed with exit status",
    ]
    private static let words = [
        "CalledProcessError", "returned non-zero exit status", "did not run successfully", "CMakeFailedError",
        "FailedProcessError", "(message): Command failed: ", "(message): Build step for ", "(message): CMake step for ",
        ": Traceback (most recent call last):",
    ]
}
