// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import CanaryText

/// The failed steps of ninja, which prints the output of each step as a whole.
struct NinjaSteps {
    static let marker = "FAILED: "
    static let end = "ninja: build stopped"
    /// How many failed steps are looked at.
    private static let most = 200

    let scan: LogScan
    let whole: LogRegion
    private var log: LogExcerpt { whole.log }

    init(scan: LogScan, whole: LogRegion) {
        self.scan = scan
        self.whole = whole
    }

    /// The last call that failed.
    var last: FailedCall? {
        let ends = lines(beginningWith: Self.end)
        // While CMake configures, its test compilations fail too; and test frameworks print the marker as well.
        guard whole.stage != .configure, whole.stage != .test || !ends.isEmpty else { return nil }
        let failures = lines(beginningWith: Self.marker)
        guard let last = failures.last else { return nil }
        // An end before the last failure belongs to an earlier call, or to one inside a step.
        let floor = ends.last { $0.range.upperBound <= last.range.lowerBound && !isInner($0) }?.range.upperBound ?? 0
        let steps = self.steps(of: failures.filter { $0.range.lowerBound >= floor }.prefix(Self.most))
        return FailedCall(steps: steps, end: max(last.range.upperBound, ends.last?.range.upperBound ?? 0))
    }

    private func lines(beginningWith words: String) -> [LogLine] {
        scan.lines(with: words, in: whole).compactMap { whole.line(at: $0) }
            .filter { $0.text.drop { $0 == " " }.hasPrefix(words) }
    }

    /// Whether the call that `end` ends was itself a step: the next line says that it failed, or its own caller ends.
    private func isInner(_ end: LogLine) -> Bool {
        let next = log.lines(after: end, count: 6).first { MakeLine($0) == nil && !$0.text.isBlank }
        let text = next?.text.drop { $0 == " " } ?? ""
        return text.hasPrefix(Self.marker) || text.hasPrefix(Self.end) || text.hasPrefix("CMake Error at ")
    }

    /// The output of each step, without its command; a step that owns the terminal, such as a run of CMake, prints
    /// before its marker.
    private func steps(of markers: some Sequence<LogLine>) -> [FailedStep] {
        var floor = log.whole.lowerBound
        return markers.map { line in
            let command = log.lines(after: line, count: 1).first?.range.upperBound ?? line.range.upperBound
            let before = start(ofStepWithMarkerAt: line.range.lowerBound, notBefore: floor)..<line.range.lowerBound
            floor = max(command, end(ofStepAt: command))
            return FailedStep(ranges: [before, command..<floor], marker: line)
        }
    }

    /// The start of the output before the marker: the line after the last status line; `marker` if that is too far away.
    private func start(ofStepWithMarkerAt marker: Int, notBefore floor: Int) -> Int {
        let lines = log.lines(before: marker, count: 400, notBefore: floor)
        let status = log.withBytes { bytes in lines.first { Self.isStatus(bytes[$0.range]) } }
        return status?.range.upperBound ?? marker
    }

    /// The start of the next status line or the next marker.
    private func end(ofStepAt start: Int) -> Int {
        log.withBytes { bytes in
            var start = start
            while start < log.whole.upperBound {
                let end = bytes.offset(of: 0x0A, from: start) ?? bytes.count
                if Self.isStatus(bytes[start..<min(end, start + 128)]) { return start }
                start = end + 1
            }
            return log.whole.upperBound
        }
    }

    /// `[12/345] `, or the marker.
    private static func isStatus(_ line: Slice<UnsafeRawBufferPointer>) -> Bool {
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        let space = UInt8(ascii: " ")
        let text = line.dropFirst(LineMark.length(in: line)).drop { $0 == space }
        if text.starts(with: marker.utf8) { return true }
        guard text.first == UInt8(ascii: "[") else { return false }
        let after = text.dropFirst().drop { digits ~= $0 || $0 == space }
        guard after.first == UInt8(ascii: "/") else { return false }
        return after.dropFirst().drop { digits ~= $0 }.starts(with: "] ".utf8)
    }
}
