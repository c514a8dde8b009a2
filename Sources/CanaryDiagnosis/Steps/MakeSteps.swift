// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import CanaryText

/// A line that make prints about itself.
struct MakeLine: Sendable {
    /// What it says.
    enum Kind: Equatable, Sendable {
        /// `make: *** [Makefile:3: half.o] Error 1`, with the target.
        case failed(Substring)
        /// `make: [Makefile:3: half.o] Error 1 (ignored)`.
        case ignored
        /// `make: *** Waiting for unfinished jobs....`: others go on.
        case waiting
        /// `make: Target 'all' not remade because of errors.`: make went on.
        case kept
        /// Anything else, such as the directory that it enters.
        case other
    }

    let kind: Kind
    /// 0 for the make that was called, 1 for one that it calls, and so on.
    let level: Int
    let line: LogLine

    /// Reads `line`; nil when it is not make's.
    init?(_ line: LogLine) {
        let text = line.text.drop { $0 == " " }
        guard let (program, rest) = text.split(at: ": ") else { return nil }
        let name = program.prefix { $0 != "[" }
        guard ["make", "gmake"].contains(name.lastPathPart) else { return nil }
        level = Int(program.dropFirst(name.count).filter(\.isNumber)) ?? 0
        self.line = line
        if rest.hasPrefix("*** ["), let inner = rest.dropFirst(5).split(at: "]") {
            // `Makefile:3: half.o`; an old make prints the target alone.
            kind = .failed(inner.before.split(at: ": ").map { Self.target($0.after) } ?? inner.before)
        } else if rest.hasPrefix("["), rest.hasSuffix("(ignored)") {
            kind = .ignored
        } else if rest.hasPrefix("*** Waiting") {
            kind = .waiting
        } else {
            kind = rest.hasSuffix("not remade because of errors.") ? .kept : .other
        }
    }

    private static func target(_ text: Substring) -> Substring { text.split(at: ": ").map { target($0.after) } ?? text }

    /// The target, if it failed.
    var failedTarget: Substring? { if case .failed(let target) = kind { target } else { nil } }
}

/// The failed steps of make, which prints what its steps print at once.
struct MakeSteps {
    static let markers = [": *** [", "(ignored)", ": *** Waiting for ", " not remade because of errors."]

    /// How many failed steps are looked at.
    private static let most = 50

    let scan: LogScan
    let whole: LogRegion
    /// The end of the last call of another tool: nothing before it is make's.
    let floor: Int?
    private var log: LogExcerpt { whole.log }

    init(scan: LogScan, whole: LogRegion, floor: Int?) {
        self.scan = scan
        self.whole = whole
        self.floor = floor
    }

    /// The last call that failed.
    var last: FailedCall? {
        // While CMake configures, its test compilations fail too.
        guard whole.stage != .configure else { return nil }
        let starts = Set(Self.markers.flatMap { scan.lines(with: $0, in: whole) }).sorted()
        let lines = starts.lazy.compactMap { whole.line(at: $0) }.compactMap(MakeLine.init)
        let all = Array(lines)
        guard let end = all.last(where: { $0.failedTarget != nil })?.line.range else { return nil }
        let first = start(ofLastIn: all)
        let own = first > 0 ? all[first - 1].line.range.upperBound : log.whole.lowerBound
        let other = floor.flatMap { $0 <= end.lowerBound ? $0 : nil } ?? own
        let start = max(own, other)
        let steps = steps(of: all[first...].filter { $0.line.range.lowerBound >= start }, from: start)
        return steps.isEmpty ? nil : FailedCall(steps: steps, end: all.last?.line.range.upperBound ?? end.upperBound)
    }

    /// The index of the first line of the last call: a call ends with the first failure of the make that was called,
    /// unless that waits for other jobs, or goes on.
    private func start(ofLastIn lines: [MakeLine]) -> Int {
        let level = lines.map(\.level).min() ?? 0
        // The first line of the call, of the calls since make last said that it had gone on, and the last failure.
        var (start, kept, failure, isWaiting) = (0, 0, Int?.none, false)
        for (index, line) in lines.enumerated() where line.level == level {
            switch line.kind {
            case .failed:
                if let failure, !isWaiting { start = failure + 1 }
                failure = index
            case .waiting: isWaiting = true
            case .kept:
                // Nothing failed since: this is the end of the last call.
                guard lines[(index + 1)...].contains(where: { $0.level == level && $0.failedTarget != nil }) else {
                    return kept
                }
                (start, kept, failure, isWaiting) = (index + 1, index + 1, nil, false)
            case .ignored, .other: continue
            }
        }
        return start
    }

    /// The failed steps among `lines` of one call, without those that were allowed to fail and those that only called
    /// another make.
    private func steps(of lines: [MakeLine], from start: Int) -> [FailedStep] {
        let isParallel = lines.contains { $0.kind == .waiting }
        var steps: [(level: Int, step: FailedStep)] = []
        var floor = start
        for line in lines where steps.count < Self.most {
            let inner = steps.lastIndex { $0.level <= line.level }.map { $0 + 1 } ?? 0
            switch line.kind {
            case .ignored: steps.removeSubrange(inner...)
            case .failed(let target):
                let range = floor..<max(floor, line.line.range.lowerBound)
                if inner < steps.count, isParallel || !hasOutput(in: range) { break }
                // The makes that this step called were allowed to fail: it went on.
                if !isParallel { steps.removeSubrange(inner...) }
                let own =
                    isParallel
                    ? parallelStep(of: target, line.line, in: start..<range.upperBound)
                    : step(of: target, line.line, in: range)
                steps.append((line.level, own))
            case .waiting, .kept, .other: break
            }
            if !isParallel { floor = line.line.range.upperBound }
        }
        return steps.map(\.step)
    }

    /// Whether something other than make printed there.
    private func hasOutput(in range: Range<Int>) -> Bool {
        log.lastLines(count: 20, in: range).contains { MakeLine($0) == nil && !FailedSteps.isStatus($0.text) }
    }

    /// The output since make began with `target`.
    private func step(of target: Substring, _ marker: LogLine, in range: Range<Int>) -> FailedStep {
        let lines = log.lines(before: range.upperBound, count: 5000, notBefore: range.lowerBound)
        // Makefiles of CMake announce each target, or say the COMMENT of a custom command; others print commands.
        let begins =
            lines.first { announces($0.text, target) } ?? lines.first { isProgress($0.text) }
            ?? lines.first { isCommand($0.text, of: target) }
        let start = begins?.range.lowerBound ?? lines.last?.range.lowerBound ?? range.lowerBound
        let isSilent = begins.map { !hasOutput(in: $0.range.upperBound..<range.upperBound) } ?? false
        return FailedStep(ranges: [isSilent ? range : start..<range.upperBound], marker: marker)
    }

    /// The same with other steps between, so that only the line that names the target tells where it began.
    private func parallelStep(of target: Substring, _ marker: LogLine, in range: Range<Int>) -> FailedStep {
        let begins = log.lines(before: range.upperBound, count: 5000, notBefore: range.lowerBound).first {
            announces($0.text, target) || isCommand($0.text, of: target)
        }
        let start = begins?.range.lowerBound ?? range.lowerBound
        return FailedStep(ranges: [start..<range.upperBound], marker: marker)
    }

    private func announces(_ text: String, _ target: Substring) -> Bool {
        guard isProgress(text), let (_, step) = text.split(at: "%] ") else { return false }
        return step.hasSuffix(" \(target)") || step.hasSuffix(" \(target.lastPathPart)")
    }

    /// `[ 12%] `.
    private func isProgress(_ text: String) -> Bool {
        let text = text.drop { $0 == " " }
        guard text.hasPrefix("["), let (percent, _) = text.split(at: "%] ") else { return false }
        return percent.count < 5
    }

    /// Whether make printed `text` as the command that makes `target`: `cc -c half.c -o half.o`.
    private func isCommand(_ text: String, of target: Substring) -> Bool {
        guard let (program, rest) = text.split(at: " "), !program.hasSuffix(":"),
            program.first.map({ $0.isLetter || $0 == "/" || $0 == "." }) ?? false
        else { return false }
        return " \(rest) ".contains(" \(target) ")
    }
}
