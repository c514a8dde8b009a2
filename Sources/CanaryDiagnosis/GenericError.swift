// SPDX-License-Identifier: Apache-2.0

import CanaryModel

/// Lines that say that something failed, but little of what.
enum GenericError {
    static let recognisers = [
        ErrorMatcher("CMake Error") { line, scene in CMakeError.read(line, scene, consequences: true) },
        ErrorMatcher("linker command failed", linker), ErrorMatcher("ld returned ", linker),
        ErrorMatcher("yntax error", shell), ErrorMatcher(": parameter not set", shell),
        ErrorMatcher(": unbound variable", shell),
        ErrorMatcher(": can't cd to ", shell), ErrorMatcher(": cd: ", shell), ErrorMatcher(": cannot open ", shell),
        ErrorMatcher("rror:", beginning), ErrorMatcher("rror ", beginning), ErrorMatcher("RROR", beginning),
        ErrorMatcher(": cannot ", coreTool), ErrorMatcher(": failed to ", coreTool), ErrorMatcher("fatal: ", beginning),
        ErrorMatcher("FATAL", beginning), ErrorMatcher("FAILED", failed),
    ]

    private static func linker(_ line: LogLine, _ scene: LogRegion) -> Finding? {
        Finding(scene.stage == .configure ? .configureOther : .buildLinker, line.text.trimmed)
    }

    private static func shell(_ line: LogLine, _ scene: LogRegion) -> Finding? {
        let text = line.text.trimmed
        return ShellLocation.place(in: text).map { Finding(scene.stage.otherReason, text, at: $0) }
    }

    private static let beginnings = [
        "error: ", "Error: ", "ERROR: ", "ERROR ", "Error ", "fatal error: ", "Fatal error: ", "FATAL ERROR", "fatal: ",
        "FATAL: ", "FATAL ", "Fatal ", "*** ERROR", "[ERROR]",
    ]

    /// `error: ...`, or `program: error: ...`.
    private static func beginning(_ line: LogLine, _ scene: LogRegion) -> Finding? {
        let text = line.text.trimmed
        if beginnings.contains(where: text.hasPrefix) { return Finding(scene.stage.otherReason, text) }
        // Sphinx and its like say on the next line what it is.
        if text.hasSuffix(" error:"), text.first?.isUppercase == true {
            let next = scene.lines(after: line, count: 1).first?.text.trimmed ?? ""
            return Finding(scene.stage.otherReason, "\(text) \(next)")
        }
        let marks = [": error: ", ": Error: ", ": ERROR: ", ": fatal error: "]
        guard let (before, message) = marks.lazy.compactMap({ text.split(at: $0) }).first else { return nil }
        guard !before.contains(" "), !message.contains("returned ") else { return nil }
        return Finding(scene.stage.otherReason, text, at: FileLocation(before))
    }

    /// `cp: cannot stat ...`, `ln: failed to create ...`.
    private static func coreTool(_ line: LogLine, _ scene: LogRegion) -> Finding? {
        let text = line.text.trimmed
        guard let (program, _) = text.split(at: ": "), coreTools.contains(program.lastPathPart) else { return nil }
        return Finding(scene.stage.otherReason, text)
    }

    private static let coreTools: Set<String> = [
        "cp", "mv", "ln", "rm", "mkdir", "install", "touch", "chmod", "chown", "cat", "tar", "ls", "rsync", "patch",
        "ar",
    ]

    /// A test program's own words; a count of none is good news.
    private static func failed(_ line: LogLine, _ scene: LogRegion) -> Finding? {
        let text = line.text.trimmed
        guard scene.stage == .test, !text.contains("0 FAILED"), !text.contains("FAILED: 0") else { return nil }
        return Finding(.testFailed, text)
    }
}
