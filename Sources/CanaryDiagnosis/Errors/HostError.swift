// SPDX-License-Identifier: Apache-2.0

import CanaryModel

/// Lines that blame the host: disk full, out of memory, killed.
enum HostError {
    static let matchers =
        disk.map { word in
            ErrorMatcher(word) { line, region in
                CMakeError.around(line, region) ?? Finding(.environmentDiskFull, line.text.trimmed)
            }
        }
        + memory.map { word in ErrorMatcher(word) { line, _ in Finding(.limitMemory, line.text.trimmed) } }
        + engine.map { word in ErrorMatcher(word) { line, _ in Finding(.environmentEngine, line.text.trimmed) } }
        + image.map { word in
            ErrorMatcher(word) { line, _ in isEngines(line.text) ? Finding(.environmentImage, line.text.trimmed) : nil }
        }
        + ["Killed", "killed", "SIGKILL"].map { ErrorMatcher($0, killed) }

    /// The problem of the host in `message`, which may have many lines; nil when there is none.
    static func reason(of message: String) -> ReasonCode? {
        if message.containsAny(disk) { return .environmentDiskFull }
        return message.containsAny(memory) ? .limitMemory : nil
    }

    private static let disk = ["No space left on device", "isk quota exceeded"]
    private static let memory = [
        "out of memory allocating", "virtual memory exhausted", "memory exhausted", "Cannot allocate memory",
        "LLVM ERROR: out of memory", "error: Out of memory", "fatal error: out of memory", "'std::bad_alloc'",
    ]

    /// Errors of podman and docker about themselves.
    private static let engine = [
        "Cannot connect to the Docker daemon", "OCI runtime error", "OCI runtime create failed",
    ]
    /// Their errors about an image.
    private static let image = [
        "manifest unknown", "image not known", "pull access denied", "toomanyrequests", "did not resolve to an alias",
        "No such image: ", "initializing source docker://", "unable to pull ",
    ]

    private static func isEngines(_ text: String) -> Bool {
        ["Error: ", "docker: ", "Error response from daemon: ", "podman: "].contains(where: text.trimmed.hasPrefix)
    }

    /// The compiler driver, the shell, make and Python each report it in their own way.
    private static func killed(_ line: LogLine, _ region: LogRegion) -> Finding? {
        let text = line.text.trimmed
        let isKilled =
            text == "Killed" || text.hasSuffix("] Killed") || text.hasSuffix("unable to execute command: Killed")
            || text.contains("Killed signal terminated program") || text.contains("terminated with signal 9 [Killed]")
            || text.contains("died with <Signals.SIGKILL") || isShells(text)
        return isKilled ? Finding(.environmentKilled, text) : nil
    }

    /// `build.sh: line 3:  4711 Killed                  make -j8`.
    private static func isShells(_ text: String) -> Bool {
        guard let (before, _) = text.split(at: " Killed  "), before.contains(": line ") else { return false }
        return before.split(separator: " ").last.flatMap { Int($0) } != nil
    }
}
