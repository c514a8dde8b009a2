// SPDX-License-Identifier: Apache-2.0

import CanaryModel

/// Finds the line of a stage's log that tells best why the stage failed.
struct FirstErrorFinder {
    /// The stage the log is of.
    let stage: Stage
    /// How the stage ended.
    let status: ExitStatus
    /// Shortens paths.
    let names: PathNames

    /// What tells best; without any text when the log is empty.
    func find(in log: LogExcerpt) -> Finding {
        let whole = LogRegion(log: log, stage: stage, regions: [log.whole], isNarrow: false, names: names)
        if let finding = notStarted(whole) { return finding }
        let scan = LogScan(log)
        let narrow = failedSteps(scan, whole)
        if status.shellCode == 137 { return killed(scan, narrow ?? whole) }
        if stage == .test, let finding = CTestReport(scan, whole).finding { return finding }
        if let narrow, let finding = scan.finding(in: narrow, ErrorMatcher.ranks(of: narrow)) { return placed(finding) }
        if let narrow { return silentStep(narrow) }
        if let finding = scan.finding(in: whole, ErrorMatcher.ranks(of: whole)) { return placed(finding) }
        return Finding(stage.otherReason, Self.lastLine(of: log))
    }

    /// The last line that says something.
    static func lastLine(of log: LogExcerpt) -> String {
        log.lastLines(count: 1, in: log.whole).first?.text.trimmed ?? ""
    }

    /// By status 126 or 127 a shell says that it could not run something.
    private func notStarted(_ whole: LogRegion) -> Finding? {
        guard [126, 127].contains(status.shellCode) else { return nil }
        let lines = whole.log.lastLines(count: 20, in: whole.log.whole)
        return lines.lazy.compactMap { StartError.read($0, whole) }.first
    }

    /// By status 137 something got SIGKILL; who tells it best is looked for.
    private func killed(_ scan: LogScan, _ scene: LogRegion) -> Finding {
        if let finding = scan.finding(in: scene, [[.machine]]), finding.reason == .environmentKilled { return finding }
        return Finding(.environmentKilled, scene.isNarrow ? silentStep(scene).text : Self.lastLine(of: scene.log))
    }

    /// What only the failed steps of ninja or make printed; nil when they are not to be told apart.
    private func failedSteps(_ scan: LogScan, _ whole: LogRegion) -> LogRegion? {
        // While CMake configures, trial compilations fail too.
        guard stage != .configure else { return nil }
        let ninja = scan.lines(with: FailedSteps.ninjaMark, in: whole).compactMap { whole.line(at: $0) }
            .filter { $0.text.hasPrefix(FailedSteps.ninjaMark) }
        let isNinja = stage != .test || !scan.lines(with: FailedSteps.ninjaEnd, in: whole).isEmpty
        if isNinja, !ninja.isEmpty { return whole.narrowed(to: FailedSteps.regions(ofNinja: ninja, in: whole.log)) }
        let make = scan.lines(with: FailedSteps.makeMark, in: whole).lazy.compactMap { whole.line(at: $0) }
            .compactMap { FailedSteps.region(ofMake: $0, in: whole.log) }.first
        return make.map { whole.narrowed(to: [$0]) }
    }

    /// The last words of a step whose words say nothing to us; if it printed none, what ninja or make say of it.
    private func silentStep(_ narrow: LogRegion) -> Finding {
        let words = narrow.regions.lazy
            .compactMap { narrow.log.lastLines(count: 4, in: $0).first { !FailedSteps.isStatus($0.text) } }.first
        let end = narrow.regions.first?.upperBound ?? narrow.log.whole.lowerBound
        let mark = narrow.log.line(at: end).text.trimmed
        if mark.contains("[code=137]") || mark.hasSuffix(" Error 137") { return Finding(.environmentKilled, mark) }
        if let words { return Finding(stage.otherReason, words.text.trimmed) }
        return Finding(stage.otherReason, mark, at: ObjectLocation.source(in: mark))
    }

    /// What CMake says while it installs or tests is no error of configuring.
    private func placed(_ finding: Finding) -> Finding {
        guard finding.reason == .configureCMake, stage == .install || stage == .test else { return finding }
        return Finding(stage.otherReason, finding.text, at: finding.places, cause: finding.cause)
    }
}
