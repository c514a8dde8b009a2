// SPDX-License-Identifier: Apache-2.0

import CanaryModel

/// Lines that say that something failed, but not much more.
enum GenericError {
    static let matchers = [
        ErrorMatcher("CMake Error") { line, region in CMakeError.read(line, region, consequences: true) },
        ErrorMatcher("linker command failed", linker), ErrorMatcher("ld returned ", linker),
        ErrorMatcher("yntax error", shell), ErrorMatcher(": parameter not set", shell),
        ErrorMatcher(": unbound variable", shell),
        ErrorMatcher(": can't cd to ", shell), ErrorMatcher(": cd: ", shell), ErrorMatcher(": cannot open ", shell),
        ErrorMatcher("rror:", beginning), ErrorMatcher("rror ", beginning), ErrorMatcher("RROR", beginning),
        ErrorMatcher(": cannot ", coreTool), ErrorMatcher(": failed to ", coreTool), ErrorMatcher("fatal: ", beginning),
        ErrorMatcher("FATAL", beginning), ErrorMatcher("FAILED", failed),
        ErrorMatcher("[end of output]", captured), ErrorMatcher("CalledProcessError: ", called),
    ]

    /// The last line that pip repeats of a build.
    private static func captured(_ line: LogLine, _ region: LogRegion) -> Finding? {
        let own = region.lines(before: line, count: 20).lazy.map(\.text.trimmed)
            .first { !$0.isEmpty && !Headline.isIn($0) }
        return own.map { Finding(region.stage.otherReason, $0) }
    }

    /// Python called a program that failed and printed nothing that is known.
    private static func called(_ line: LogLine, _ region: LogRegion) -> Finding? {
        let text = line.text.trimmed
        guard text.hasPrefix("subprocess.CalledProcessError: ") || text.hasPrefix("CalledProcessError: ") else {
            return nil
        }
        let before = region.lines(before: line, count: 200)
        let start = before.first { $0.text.hasPrefix("Traceback (most recent") }
        let locations = start.flatMap { PythonError.exception(after: $0, region)?.locations } ?? []
        return Finding(region.stage.otherReason, text, at: locations)
    }

    private static func linker(_ line: LogLine, _ region: LogRegion) -> Finding? {
        Finding(region.stage == .configure ? .configureOther : .buildLinker, line.text.trimmed)
    }

    private static func shell(_ line: LogLine, _ region: LogRegion) -> Finding? {
        let text = line.text.trimmed
        return ShellLocation.location(in: text).map { Finding(region.stage.otherReason, text, at: $0) }
    }

    private static let beginnings = [
        "error: ", "Error: ", "ERROR: ", "ERROR ", "Error ", "fatal error: ", "Fatal error: ", "FATAL ERROR", "fatal: ",
        "FATAL: ", "FATAL ", "Fatal ", "*** ERROR", "[ERROR]",
    ]

    /// `error: ...`, or `program: error: ...`.
    private static func beginning(_ line: LogLine, _ region: LogRegion) -> Finding? {
        let text = line.text.trimmed
        guard !Headline.isIn(text) else { return nil }
        if beginnings.contains(where: text.hasPrefix) { return Finding(region.stage.otherReason, text) }
        // Sphinx and similar tools print the message on the next line.
        if text.hasSuffix(" error:"), text.first?.isUppercase == true {
            let next = region.lines(after: line, count: 1).first?.text.trimmed ?? ""
            return Finding(region.stage.otherReason, "\(text) \(next)")
        }
        let markers = [": error: ", ": Error: ", ": ERROR: ", ": fatal error: "]
        guard let (before, message) = markers.lazy.compactMap({ text.split(at: $0) }).first else { return nil }
        guard !before.contains(" "), !message.contains("returned ") else { return nil }
        return Finding(region.stage.otherReason, text, at: FileLocation(before))
    }

    /// `cp: cannot stat ...`, `ln: failed to create ...`.
    private static func coreTool(_ line: LogLine, _ region: LogRegion) -> Finding? {
        let text = line.text.trimmed
        guard let (program, _) = text.split(at: ": "), coreTools.contains(program.lastPathPart) else { return nil }
        return Finding(region.stage.otherReason, text)
    }

    private static let coreTools: Set<String> = [
        "cp", "mv", "ln", "rm", "mkdir", "install", "touch", "chmod", "chown", "cat", "tar", "ls", "rsync", "patch",
        "ar",
    ]

    /// A message of a test program, unless it counts no failures.
    private static func failed(_ line: LogLine, _ region: LogRegion) -> Finding? {
        let text = line.text.trimmed
        guard region.stage == .test, !text.contains("0 FAILED"), !text.contains("FAILED: 0") else { return nil }
        return Finding(.testFailed, text)
    }
}
