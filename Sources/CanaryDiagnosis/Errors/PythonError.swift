// SPDX-License-Identifier: Apache-2.0

import CanaryModel

/// Uncaught exceptions of Python.
enum PythonError {
    static let matchers = [
        ErrorMatcher(beginning) { line, region in
            exception(after: line, region).flatMap {
                Headline.isIn($0.text) ? nil : finding($0.text, at: $0.locations, region)
            }
        },
        ErrorMatcher("SyntaxError: ", syntax), ErrorMatcher("IndentationError: ", syntax),
    ]

    private static let beginning = "Traceback (most recent call last):"

    /// The exception of the traceback that starts with `line`, and its locations, the innermost first.
    static func exception(after line: LogLine, _ region: LogRegion) -> (text: String, locations: [FileLocation])? {
        guard let (before, _) = line.text.split(at: beginning) else { return nil }
        // An exception may have another one as its message.
        let indent = before.isBlank || before.hasSuffix("| ") ? before : ""
        var locations: [FileLocation] = []
        // Most are short, and a log may hold many.
        for count in [20, 600] {
            locations = []
            let lines = region.lines(after: line, count: count)
            for text in lines.lazy.map(\.text) {
                guard text.hasPrefix(indent) else { return nil }
                let inner = text.dropFirst(indent.count)
                if let location = frame(in: inner) { locations.insert(location, at: 0) }
                if inner.first?.isWhitespace == false { return (inner.trimmed, locations) }
            }
            if lines.count < count { return nil }
        }
        return nil
    }

    private static func syntax(_ line: LogLine, _ region: LogRegion) -> Finding? {
        let text = line.text.trimmed
        guard text.hasPrefix("SyntaxError: ") || text.hasPrefix("IndentationError: ") else { return nil }
        let location = region.lines(before: line, count: 4).lazy.compactMap { frame(in: $0.text[...]) }.first
        return finding(text, at: [location].compactMap(\.self), region)
    }

    private static func finding(_ text: String, at locations: [FileLocation], _ region: LogRegion) -> Finding {
        if networks.contains(where: text.hasPrefix), let reason = FetchError.reason(of: text) {
            return Finding(reason, text, at: locations)
        }
        // Python could not find a program that it should run.
        if text.hasPrefix("FileNotFoundError: "), locations.first?.file.lastPathPart == "subprocess.py" {
            return Finding(.environmentToolMissing, text, at: locations)
        }
        let isMissing = text.hasPrefix("ModuleNotFoundError: ") || text.hasPrefix("ImportError: No module named")
        let reason: ReasonCode =
            region.stage == .configure && isMissing ? .configureMissingPackage : region.stage.otherReason
        return Finding(reason, text, at: locations)
    }

    /// Exceptions of what reaches over a network.
    private static let networks = [
        "urllib.error.", "urllib3.exceptions.", "requests.exceptions.", "socket.gaierror", "ConnectionRefusedError",
        "ConnectionResetError", "TimeoutError", "http.client.", "ssl.SSL", "OSError: Tunnel connection failed",
    ]

    /// `  File "gen.py", line 6, in run`.
    private static func frame(in text: Substring) -> FileLocation? {
        guard let (space, rest) = text.split(at: "File \""), space.isBlank,
            let (file, after) = rest.split(at: "\", line "),
            !file.hasPrefix("<")
        else { return nil }
        return Int(after.prefix(while: \.isNumber)).map { FileLocation(file: String(file), line: $0) }
    }
}
