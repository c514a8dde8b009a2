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
        let narrow = failedSteps(scan, whole)
        if status.shellCode == 137, !denied.contains(.environmentKilled) { return killed(scan, narrow ?? whole) }
        if stage == .test, let finding = CTestReport(scan: scan, region: whole).finding { return finding }
        if let narrow, let finding = scan.finding(in: narrow, ErrorMatcher.ranks(of: narrow)) {
            return reassigned(finding)
        }
        if let narrow { return silentStep(narrow) }
        if let finding = scan.finding(in: whole, ErrorMatcher.ranks(of: whole)) { return reassigned(finding) }
        return Finding(stage.otherReason, Self.lastLine(of: log))
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
    private func killed(_ scan: LogScan, _ region: LogRegion) -> Finding {
        if let finding = scan.finding(in: region, [[.machine]]), finding.reason == .environmentKilled { return finding }
        return Finding(.environmentKilled, region.isNarrow ? silentStep(region).text : Self.lastLine(of: region.log))
    }

    /// The output of the failed steps of ninja or make alone; nil when it cannot be separated.
    private func failedSteps(_ scan: LogScan, _ whole: LogRegion) -> LogRegion? {
        // While CMake configures, its test compilations fail too.
        guard stage != .configure else { return nil }
        let ninja = scan.lines(with: FailedSteps.ninjaMarker, in: whole).compactMap { whole.line(at: $0) }
            .filter { $0.text.hasPrefix(FailedSteps.ninjaMarker) }
        let isNinja = stage != .test || !scan.lines(with: FailedSteps.ninjaEnd, in: whole).isEmpty
        if isNinja, !ninja.isEmpty { return whole.narrowed(to: FailedSteps.regions(ofNinja: ninja, in: whole.log)) }
        let make = scan.lines(with: FailedSteps.makeMarker, in: whole).lazy.compactMap { whole.line(at: $0) }
            .compactMap { FailedSteps.region(ofMake: $0, in: whole.log) }.first
        return make.map { whole.narrowed(to: [$0]) }
    }

    /// The last line of a step without a known error; if it printed nothing, the line of ninja or make about it.
    private func silentStep(_ narrow: LogRegion) -> Finding {
        let lastLine = narrow.regions.lazy
            .compactMap { narrow.log.lastLines(count: 4, in: $0).first { !FailedSteps.isStatus($0.text) } }.first
        let end = narrow.regions.first?.upperBound ?? narrow.log.whole.lowerBound
        let marker = narrow.log.line(at: end).text.trimmed
        let isKilled = marker.contains("[code=137]") || marker.hasSuffix(" Error 137")
        if isKilled, !denied.contains(.environmentKilled) {
            return Finding(.environmentKilled, marker)
        }
        if let lastLine { return Finding(stage.otherReason, lastLine.text.trimmed) }
        return Finding(stage.otherReason, marker, at: ObjectLocation.source(in: marker))
    }

    /// An error of CMake while it installs or tests is not a configure error.
    private func reassigned(_ finding: Finding) -> Finding {
        guard finding.reason == .configureCMake, stage == .install || stage == .test else { return finding }
        return Finding(stage.otherReason, finding.text, at: finding.locations, cause: finding.cause)
    }
}
