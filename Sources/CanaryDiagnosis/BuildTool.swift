// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import CanaryText

/// Errors that make and ninja have themselves.
enum BuildTool {
    static let recognisers = [
        ErrorMatcher("ninja: error: ", ninja), ErrorMatcher("ninja: fatal: ", ninja), ErrorMatcher(": *** ", make),
    ]

    private static func ninja(_ line: LogLine, _ scene: LogRegion) -> Finding? {
        let text = line.text.trimmed
        // The file that CMake could not make again; CMake says why.
        guard text.hasPrefix("ninja: "), !text.contains("rebuilding 'build.ninja'") else { return nil }
        return Finding(scene.stage.otherReason, text)
    }

    /// What make says when it stops by itself: `make: *** No rule to make target ...`.
    private static func make(_ line: LogLine, _ scene: LogRegion) -> Finding? {
        let text = line.text.trimmed
        guard let (before, message) = text.split(at: ": *** "), message.hasSuffix("Stop.") else { return nil }
        return Finding(scene.stage.otherReason, text, at: FileLocation(before))
    }
}

/// What failed, by the words of ninja or make: the parts of a log that only it printed.
enum FailedSteps {
    static let ninjaMark = "FAILED: "
    static let ninjaEnd = "ninja: build stopped"
    static let makeMark = ": *** ["

    /// Whether `text` tells of ninja's or make's progress, not of a step's trouble.
    static func isStatus(_ text: String) -> Bool {
        text.hasPrefix("ninja: ") || text.hasPrefix("[") && text.containsAny(["%] ", "/"]) && text.contains("] ")
    }

    /// What each failed step of ninja printed, without its command; `lines` begin with the mark.
    ///
    /// A step that has the terminal for itself, CMake's own run above all, prints before its mark.
    static func regions(ofNinja lines: [LogLine], in log: LogExcerpt) -> [Range<Int>] {
        var floor = log.whole.lowerBound
        return lines.flatMap { line in
            let command = log.lines(after: line, count: 1).first?.range.upperBound ?? line.range.upperBound
            let before = start(ofStepMarkedAt: line.range.lowerBound, in: log, notBefore: floor)..<line.range.lowerBound
            floor = max(command, end(ofStepAt: command, in: log))
            return [before, command..<floor]
        }
    }

    /// Where the line behind the status of the step that failed begins; where the mark does when it is too far away.
    private static func start(ofStepMarkedAt mark: Int, in log: LogExcerpt, notBefore floor: Int) -> Int {
        let lines = log.lines(before: mark, count: 400, notBefore: floor)
        let status = log.withBytes { bytes in lines.first { isStatus(bytes[$0.range]) } }
        return status?.range.upperBound ?? mark
    }

    /// Where the next step's line, or the next failed one, begins.
    private static func end(ofStepAt start: Int, in log: LogExcerpt) -> Int {
        log.withBytes { bytes in
            var start = start
            while start < log.whole.upperBound {
                let end = bytes.offset(of: 0x0A, from: start) ?? bytes.count
                let line = bytes[start..<min(end, start + 64)]
                if isStatus(line) || line.starts(with: ninjaMark.utf8) { return start }
                start = end + 1
            }
            return log.whole.upperBound
        }
    }

    /// `[12/345] `.
    private static func isStatus(_ line: Slice<UnsafeRawBufferPointer>) -> Bool {
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        guard line.first == UInt8(ascii: "[") else { return false }
        let behind = line.dropFirst().drop { digits ~= $0 || $0 == UInt8(ascii: " ") }
        guard behind.first == UInt8(ascii: "/") else { return false }
        return behind.dropFirst().drop { digits ~= $0 }.starts(with: "] ".utf8)
    }

    /// What was printed since make began the target that `line` says failed.
    static func region(ofMake line: LogLine, in log: LogExcerpt) -> Range<Int>? {
        guard let (program, rest) = line.text.split(at: makeMark), isMake(program),
            let target = rest.split(at: "]")?.before.split(separator: ": ").last
        else { return nil }
        let end = line.range.lowerBound
        // Where CMake's makefiles announce what they begin; others do not.
        let begun = log.lines(before: end, count: 5000).first { announces($0.text, target) }
        return (begun?.range.lowerBound ?? log.whole.lowerBound)..<end
    }

    private static func announces(_ text: String, _ target: Substring) -> Bool {
        guard text.hasPrefix("["), let (percent, step) = text.split(at: "%] "), percent.count < 5 else { return false }
        return step.hasSuffix(" \(target)") || step.hasSuffix(" \(target.lastPathPart)")
    }

    private static func isMake(_ program: Substring) -> Bool {
        ["make", "gmake"].contains(program.prefix { $0 != "[" }.lastPathPart)
    }
}
