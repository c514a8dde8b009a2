// SPDX-License-Identifier: Apache-2.0

import CanaryModel

/// Finds the line of a log that explains best why the stage failed.
struct FirstErrorFinder {
    /// The stage the log is of.
    let stage: Stage
    /// How the stage ended.
    let status: ExitStatus
    /// Shortens paths.
    let names: PathNames
    /// Reasons that the machine does not confirm: lines that give them are passed over.
    var denied: Set<ReasonCode> = []

    /// The best explanation; without text when the log is empty.
    func find(in log: LogExcerpt) -> Finding {
        let whole = LogRegion(log: log, stage: stage, regions: [log.whole], isNarrow: false, names: names)
        if let finding = notStarted(whole) { return finding }
        let scan = LogScan(log, without: denied)
        let call = FailedSteps.last(scan, whole)
        if status.shellCode == 137, !denied.contains(.environmentKilled) { return killed(scan, call, whole) }
        if stage == .test, let finding = CTestReport(scan: scan, region: whole).finding { return finding }
        if let call { return reassigned(explanation(of: call, scan, whole)) }
        if let finding = scan.finding(in: whole, ErrorMatcher.ranks(of: whole)) { return reassigned(finding) }
        return Finding(stage.otherReason, Self.lastLine(of: log))
    }

    /// What came after the call that failed, if that says why the stage did; otherwise the first of its steps, but for
    /// those that blame the machine though it does not agree.
    private func explanation(of call: FailedCall, _ scan: LogScan, _ whole: LogRegion) -> Finding {
        if let rest = FailedSteps.rest(after: call, in: whole),
            let finding = scan.finding(in: whole.narrowed(to: [rest]), ErrorMatcher.Rank.decisive)
        {
            return finding
        }
        var doubtful: Finding?
        for step in call.steps {
            let region = whole.narrowed(to: step.ranges)
            let finding = scan.finding(in: region, ErrorMatcher.ranks(of: region)) ?? silent(step, region)
            if finding.reason == .environmentKilled || !isDoubtful(finding, of: step, scan.deniedFinding(in: region)) {
                return finding
            }
            doubtful = doubtful ?? finding
        }
        return doubtful ?? Finding(stage.otherReason, Self.lastLine(of: whole.log))
    }

    /// Whether another step may explain more: this one was killed though the machine does not agree, or only reports that
    /// what it called has failed.
    private func isDoubtful(_ finding: Finding, of step: FailedStep, _ denied: Finding?) -> Bool {
        finding.text == denied?.text || isKilled(step) || finding.text == step.marker.text.trimmed
            || Headline.isIn(finding.text)
    }

    /// The last line that is not blank.
    static func lastLine(of log: LogExcerpt) -> String {
        log.lastLines(count: 1, in: log.whole).first?.text.trimmed ?? ""
    }

    /// With status 126 or 127 a shell reports that it could not run something.
    private func notStarted(_ whole: LogRegion) -> Finding? {
        guard [126, 127].contains(status.shellCode) else { return nil }
        let lines = whole.log.lastLines(count: 20, in: whole.log.whole)
        return lines.lazy.compactMap { StartError.read($0, whole) }.first
    }

    /// Status 137 means that something received SIGKILL; a line that says so explains it best.
    private func killed(_ scan: LogScan, _ call: FailedCall?, _ whole: LogRegion) -> Finding {
        let region = call.map { whole.narrowed(to: $0.steps.flatMap(\.ranges)) } ?? whole
        if let finding = scan.finding(in: region, [[.machine]]), finding.reason == .environmentKilled { return finding }
        let step = call?.steps.first.map { silent($0, whole.narrowed(to: $0.ranges)).text }
        return Finding(.environmentKilled, step ?? Self.lastLine(of: region.log))
    }

    /// Whether the tool reports that the step was killed.
    private func isKilled(_ step: FailedStep) -> Bool {
        let marker = step.marker.text.trimmed
        return marker.contains("[code=137]") || marker.hasSuffix(" Error 137") || marker.hasSuffix("] Killed")
    }

    /// The last line of a step without a known error; if it printed nothing, the line of ninja or make about it.
    private func silent(_ step: FailedStep, _ region: LogRegion) -> Finding {
        let marker = step.marker.text.trimmed
        if isKilled(step), !denied.contains(.environmentKilled) { return Finding(.environmentKilled, marker) }
        let last = step.ranges.reversed().lazy.compactMap { range in
            region.log.lastLines(count: 8, in: range).first {
                !FailedSteps.isStatus($0.text) && MakeLine($0) == nil && !Headline.isIn($0.text)
            }
        }.first
        if let last { return Finding(stage.otherReason, last.text.trimmed) }
        return Finding(stage.otherReason, marker, at: ObjectLocation.source(in: marker))
    }

    /// An error of CMake while it installs or tests is not a configure error.
    private func reassigned(_ finding: Finding) -> Finding {
        guard finding.reason == .configureCMake, stage == .install || stage == .test else { return finding }
        return Finding(stage.otherReason, finding.text, at: finding.locations, cause: finding.cause)
    }
}
