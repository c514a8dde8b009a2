// SPDX-License-Identifier: Apache-2.0

import CanaryModel

/// Lines that blame the host: disk full, out of memory, killed, no process left.
///
/// They count only as a tool's own error: not in source that a compiler quotes, nor in text that a program was to print.
enum HostError {
    static let matchers: [ErrorMatcher] =
        systems + own + containers + KilledError.matchers + [
            ErrorMatcher("ccache: error: ", cache)
        ]

    private static let systems = conditions.flatMap(\.words).map { ErrorMatcher($0, condition) }
    private static let own = phrases.map { entry in
        ErrorMatcher(entry.words) { line, region in phrase(entry, line, region) }
    }
    private static let containers =
        engine.map { word in ErrorMatcher(word) { line, _ in Finding(.environmentEngine, line.text.trimmed) } }
        + image.map { word in
            ErrorMatcher(word) { line, _ in isEngines(line.text) ? Finding(.environmentImage, line.text.trimmed) : nil }
        }

    /// The problem of the host in `message`, which CMake printed as its own error; nil when there is none.
    static func reason(of message: String) -> ReasonCode? {
        conditions.first { message.containsAny($0.words) }?.reason
    }

    /// What the system says when it refuses something, without the first letter, which some tools write small.
    private static let conditions: [(reason: ReasonCode, words: [String])] = [
        (.environmentDiskFull, ["o space left on device", "isk quota exceeded"]),
        (.limitMemory, ["annot allocate memory", "ot enough memory"]),
        (.limitProcesses, ["esource temporarily unavailable"]),
        (.limitFiles, ["oo many open files"]),
    ]

    /// What tools say in their own words.
    private static let phrases: [(reason: ReasonCode, words: String)] = [
        (.limitMemory, "out of memory"), (.limitMemory, "Out of memory"), (.limitMemory, "virtual memory exhausted"),
        (.limitMemory, "memory exhausted"), (.limitMemory, "Memory allocation failure"),
        (.limitMemory, "instance of 'std::bad_alloc'"), (.limitMemory, "memory allocation of "),
        (.limitMemory, "MemoryError"), (.limitMemory, "annot allocate a block of memory"),
        (.limitProcesses, "Cannot fork"), (.limitProcesses, "can't start new thread"),
        (.limitProcesses, "instance of 'std::system_error'"), (.limitProcesses, "failed to spawn thread"),
        (.limitProcesses, "unable to create native thread"), (.limitFiles, "out of file descriptors"),
        (.limitFiles, "cannot open shared object file: Error 24"),
        (.limitMemory, "failed to map segment from shared object"),
        (.environmentClock, "perhaps system time is not set"), (.environmentClock, "ERROR: Clock skew detected"),
        (.environmentClock, "newly created file is older than distributed files"),
        (.environmentClock, "is not yet valid"), (.environmentClock, "is not valid yet"),
        (.environmentClock, "is not yet activated"),
    ]

    /// The system's words in `line`, if a tool passed them on.
    private static func condition(_ line: LogLine, _ region: LogRegion) -> Finding? {
        if let error = CMakeError.around(line, region) { return error.reason.isHosts ? error : nil }
        let text = line.text.trimmed
        guard let (reason, word) = firstCondition(in: text), let (before, after) = text.split(at: word) else {
            return nil
        }
        guard ToolVoice.speaks(before.dropLast(), after, in: region) else { return nil }
        // A lock of a file that another process holds has the same number as a process that cannot start.
        if reason == .limitProcesses, before.containsAny([" lock", "/lock", "_lock"]) { return nil }
        let isShared = reason == .environmentDiskFull && text.contains("/dev/shm/")
        return Finding(isShared ? .limitSharedMemory : reason, text)
    }

    private static func firstCondition(in text: String) -> (ReasonCode, String)? {
        for (reason, words) in conditions { for word in words where text.contains(word) { return (reason, word) } }
        return nil
    }

    private static func phrase(
        _ phrase: (reason: ReasonCode, words: String), _ line: LogLine, _ region: LogRegion
    ) -> Finding? {
        let text = line.text.trimmed
        guard let (before, after) = text.split(at: phrase.words),
            ToolVoice.says(before, phrase.words, after, in: region)
        else { return nil }
        guard phrase.words.contains("system_error") else { return Finding(phrase.reason, text) }
        // Other errors of the system have that type too.
        let what = region.lines(after: line, count: 1).first?.text.trimmed ?? ""
        return what.contains("Resource temporarily unavailable") ? Finding(phrase.reason, "\(text) \(what)") : nil
    }

    /// An error of ccache or sccache itself, which then runs no compiler.
    private static func cache(_ line: LogLine, _ region: LogRegion) -> Finding? {
        let text = line.text.trimmed
        guard let (before, message) = text.split(at: "ccache: error: "), before.isEmpty || before == "s" else {
            return nil
        }
        let isCompilers = message.containsAny(["Could not find compiler", "execute_noreturn of ", "No such file"])
        return Finding(isCompilers ? .environmentToolMissing : .environmentCompilerCache, text)
    }

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
}

extension ReasonCode {
    /// Whether it blames the host.
    var isHosts: Bool {
        switch self {
        case .environmentDiskFull, .environmentKilled, .environmentClock, .limitMemory, .limitProcesses, .limitFiles,
            .limitSharedMemory:
            true
        default: false
        }
    }
}
