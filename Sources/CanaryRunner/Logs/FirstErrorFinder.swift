// SPDX-License-Identifier: Apache-2.0

import CanaryModel

/// Finds the line of a stage's log that tells best why the stage failed.
struct FirstErrorFinder {
    /// The stage the log is of.
    let stage: Stage
    /// How the stage ended.
    let status: ExitStatus

    /// What tells best; without any text when the log is empty.
    func find(in log: LogExcerpt) -> Finding {
        if let finding = byStatus(log) { return finding }
        for rank in Recogniser.ranks(for: stage) {
            let found = rank.compactMap { recogniser in
                log.first(holding: recogniser.needle) { recogniser.read($0, log) }
            }
            if let first = found.min(by: { $0.position < $1.position }) { return placed(first.found) }
        }
        return Finding(stage.otherReason, Self.lastLine(of: log))
    }

    /// The last line that says something.
    static func lastLine(of log: LogExcerpt) -> String { log.lastLines(count: 1).first?.trimmed ?? "" }

    private func byStatus(_ log: LogExcerpt) -> Finding? {
        switch status.shellCode {
        case 127:
            let line = log.lastLines(count: 20).first(where: Self.namesMissingTool)
            return line.map { Finding(.environmentToolMissing, $0.trimmed) }
        case 137:
            return Finding(.environmentKilled, Self.lastLine(of: log))
        default:
            return nil
        }
    }

    /// `sh: 1: ninja: not found`, `env: 'python': No such file or directory`; a library that is missing ends with 127
    /// too, but is no tool.
    private static func namesMissingTool(_ line: String) -> Bool {
        let line = line.trimmed
        return line.hasSuffix(": not found") || line.hasSuffix("command not found")
            || line.hasSuffix("No such file or directory") && !line.contains("shared object file")
    }

    /// What CMake says while it installs or tests is no error of configuring.
    private func placed(_ finding: Finding) -> Finding {
        guard finding.reason == .configureCMake, stage == .install || stage == .test else { return finding }
        let place = finding.file.map { Place(file: $0, line: finding.line ?? 0) }
        return Finding(stage.otherReason, finding.text, at: place)
    }
}
