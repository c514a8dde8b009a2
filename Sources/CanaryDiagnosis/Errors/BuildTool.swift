// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import CanaryText

/// Errors of make and ninja themselves.
enum BuildTool {
    static let matchers = [
        ErrorMatcher("ninja: error: ", ninja), ErrorMatcher("ninja: fatal: ", ninja), ErrorMatcher(": *** ", make),
    ]

    private static func ninja(_ line: LogLine, _ region: LogRegion) -> Finding? {
        let text = line.text.trimmed
        // CMake could not regenerate this file, and has printed why.
        guard text.hasPrefix("ninja: "), !text.contains("rebuilding 'build.ninja'") else { return nil }
        return Finding(region.stage.otherReason, text)
    }

    /// The message of make when it stops by itself: `make: *** No rule to make target ...`.
    private static func make(_ line: LogLine, _ region: LogRegion) -> Finding? {
        let text = line.text.trimmed
        guard let (before, message) = text.split(at: ": *** "), message.hasSuffix("Stop.") else { return nil }
        return Finding(region.stage.otherReason, text, at: FileLocation(before))
    }
}

/// Finds the parts of a log that only the failed steps of ninja or make printed.
enum FailedSteps {
    static let ninjaMarker = "FAILED: "
    static let ninjaEnd = "ninja: build stopped"
    static let makeMarker = ": *** ["

    /// Whether `text` is progress output of ninja or make.
    static func isStatus(_ text: String) -> Bool {
        text.hasPrefix("ninja: ") || text.hasPrefix("[") && text.containsAny(["%] ", "/"]) && text.contains("] ")
    }

    /// The output of each failed step of ninja, without its command; `lines` start with the marker.
    ///
    /// A step that owns the terminal, such as a run of CMake, prints before its marker.
    static func regions(ofNinja lines: [LogLine], in log: LogExcerpt) -> [Range<Int>] {
        var floor = log.whole.lowerBound
        return lines.flatMap { line in
            let command = log.lines(after: line, count: 1).first?.range.upperBound ?? line.range.upperBound
            let before =
                start(ofStepWithMarkerAt: line.range.lowerBound, in: log, notBefore: floor)..<line.range.lowerBound
            floor = max(command, end(ofStepAt: command, in: log))
            return [before, command..<floor]
        }
    }

    /// The start of the output before the marker: the line after the last status line; `marker` if that is too far away.
    private static func start(ofStepWithMarkerAt marker: Int, in log: LogExcerpt, notBefore floor: Int) -> Int {
        let lines = log.lines(before: marker, count: 400, notBefore: floor)
        let status = log.withBytes { bytes in lines.first { isStatus(bytes[$0.range]) } }
        return status?.range.upperBound ?? marker
    }

    /// The start of the next status line or the next marker.
    private static func end(ofStepAt start: Int, in log: LogExcerpt) -> Int {
        log.withBytes { bytes in
            var start = start
            while start < log.whole.upperBound {
                let end = bytes.offset(of: 0x0A, from: start) ?? bytes.count
                let line = bytes[start..<min(end, start + 64)]
                if isStatus(line) || line.starts(with: ninjaMarker.utf8) { return start }
                start = end + 1
            }
            return log.whole.upperBound
        }
    }

    /// `[12/345] `.
    private static func isStatus(_ line: Slice<UnsafeRawBufferPointer>) -> Bool {
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        guard line.first == UInt8(ascii: "[") else { return false }
        let after = line.dropFirst().drop { digits ~= $0 || $0 == UInt8(ascii: " ") }
        guard after.first == UInt8(ascii: "/") else { return false }
        return after.dropFirst().drop { digits ~= $0 }.starts(with: "] ".utf8)
    }

    /// The output since make started the target that failed according to `line`.
    static func region(ofMake line: LogLine, in log: LogExcerpt) -> Range<Int>? {
        guard let (program, rest) = line.text.split(at: makeMarker), isMake(program),
            let target = rest.split(at: "]")?.before.split(separator: ": ").last
        else { return nil }
        let end = line.range.lowerBound
        // Makefiles of CMake announce each target; others do not.
        let started = log.lines(before: end, count: 5000).first { announces($0.text, target) }
        return (started?.range.lowerBound ?? log.whole.lowerBound)..<end
    }

    private static func announces(_ text: String, _ target: Substring) -> Bool {
        guard text.hasPrefix("["), let (percent, step) = text.split(at: "%] "), percent.count < 5 else { return false }
        return step.hasSuffix(" \(target)") || step.hasSuffix(" \(target.lastPathPart)")
    }

    private static func isMake(_ program: Substring) -> Bool {
        ["make", "gmake"].contains(program.prefix { $0 != "[" }.lastPathPart)
    }
}
