// SPDX-License-Identifier: Apache-2.0

import CanaryModel

/// Exceptions of Python that nobody caught.
enum PythonError {
    static let recognisers = [
        ErrorMatcher(beginning) { line, scene in
            exception(after: line, scene).map { finding($0.text, at: $0.places, scene) }
        },
        ErrorMatcher("SyntaxError: ", syntax), ErrorMatcher("IndentationError: ", syntax),
    ]

    private static let beginning = "Traceback (most recent call last):"

    /// What the traceback that begins with `line` ends with, and where it came from: the innermost place first.
    static func exception(after line: LogLine, _ scene: LogRegion) -> (text: String, places: [FileLocation])? {
        guard let (indent, _) = line.text.split(at: beginning) else { return nil }
        var places: [FileLocation] = []
        for text in scene.lines(after: line, count: 600).lazy.map(\.text) {
            guard text.hasPrefix(indent) else { return nil }
            let inner = text.dropFirst(indent.count)
            if let place = frame(in: inner) { places.insert(place, at: 0) }
            if inner.first?.isWhitespace == false { return (inner.trimmed, places) }
        }
        return nil
    }

    private static func syntax(_ line: LogLine, _ scene: LogRegion) -> Finding? {
        let text = line.text.trimmed
        guard text.hasPrefix("SyntaxError: ") || text.hasPrefix("IndentationError: ") else { return nil }
        let place = scene.lines(before: line, count: 4).lazy.compactMap { frame(in: $0.text[...]) }.first
        return finding(text, at: [place].compactMap(\.self), scene)
    }

    private static func finding(_ text: String, at places: [FileLocation], _ scene: LogRegion) -> Finding {
        // A program that Python was to run.
        if text.hasPrefix("FileNotFoundError: "), places.first?.file.lastPathPart == "subprocess.py" {
            return Finding(.environmentToolMissing, text, at: places)
        }
        let isMissing = text.hasPrefix("ModuleNotFoundError: ") || text.hasPrefix("ImportError: No module named")
        let reason: ReasonCode =
            scene.stage == .configure && isMissing ? .configureMissingPackage : scene.stage.otherReason
        return Finding(reason, text, at: places)
    }

    /// `  File "gen.py", line 6, in run`.
    private static func frame(in text: Substring) -> FileLocation? {
        guard let (space, rest) = text.split(at: "File \""), space.isBlank,
            let (file, behind) = rest.split(at: "\", line "),
            !file.hasPrefix("<")
        else { return nil }
        return Int(behind.prefix(while: \.isNumber)).map { FileLocation(file: String(file), line: $0) }
    }
}
