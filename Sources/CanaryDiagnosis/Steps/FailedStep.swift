// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import CanaryText

/// A step of ninja or make that failed.
struct FailedStep: Sendable {
    /// Where only this step printed, in order.
    let ranges: [Range<Int>]
    /// The line in which the tool reports that the step failed.
    let marker: LogLine
}

/// One call of ninja or make in which steps failed.
struct FailedCall: Sendable {
    /// The failed steps, in the order in which they ended.
    var steps: [FailedStep]
    /// The end of the last line that the tool printed about them.
    var end: Int
}

/// Finds the parts of a log that only the steps printed that failed in the last call of ninja or make: an earlier call
/// that failed was allowed to.
enum FailedSteps {
    /// The last call that failed; nil without one.
    static func last(_ scan: LogScan, _ whole: LogRegion) -> FailedCall? {
        let ninja = NinjaSteps(scan: scan, whole: whole).last
        let make = MakeSteps(scan: scan, whole: whole, floor: ninja?.end).last
        guard let ninja, let make else { return ninja ?? make }
        guard make.end > ninja.end else { return ninja }
        return isCaller(make, whole) ? FailedCall(steps: ninja.steps, end: make.end) : make
    }

    /// Whether `make` called ninja and says only that this failed.
    private static func isCaller(_ make: FailedCall, _ whole: LogRegion) -> Bool {
        make.steps.allSatisfy { step in
            step.ranges.allSatisfy { range in
                let lines = whole.log.lastLines(count: 8, in: range)
                return lines.allSatisfy { MakeLine($0) != nil || isStatus($0.text) }
                    || lines.contains { Headline.isIn($0.text) }
            }
        }
    }

    /// What was printed after `call`, without the output of steps that passed; nil when that is nothing.
    static func rest(after call: FailedCall, in whole: LogRegion) -> Range<Int>? {
        let end = whole.log.whole.upperBound
        let lines = whole.log.lines(before: end, count: 400, notBefore: call.end)
        let start = lines.first { isStatus($0.text) }?.range.upperBound ?? lines.last?.range.lowerBound
        return start.flatMap { $0 < end ? $0..<end : nil }
    }

    /// Whether `text` is progress output of ninja or make.
    static func isStatus(_ text: String) -> Bool {
        let text = text.drop { $0 == " " }
        return text.hasPrefix("ninja: ")
            || text.hasPrefix("[") && text.prefix(24).contains("] ") && text.containsAny(["%] ", "/"])
    }
}
