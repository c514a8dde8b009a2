// SPDX-License-Identifier: Apache-2.0

import CanaryHistory
import CanaryJudge
import CanaryModel
import CanaryServer
import CanaryText
import Foundation

/// Everything about one job, as text.
struct JobReport {
    let job: JobID
    let overview: JobOverview?
    var last: JobHistoryEntry?
    /// The stack, which knows the links to forges.
    var links: Stack?
    var policy: PolicyReport?
    var deliveries: [OutboxEntry] = []
    /// The other episodes with the error that it fails with.
    var sameError: [FailureCluster.Member] = []
    /// The tests of its newest build.
    var tests: JobTests?
    /// The decisions about its episode, newest first.
    var decisions: [HumanDecision] = []

    var text: String {
        let since = overview?.since.map { " since \($0.rfc3339)" } ?? ""
        var lines = ["\(job): \((overview?.verdict ?? .unknown).rawValue)\(since)"]
        lines += lastRun
        if let tests {
            lines.append("tests           \(tests.counts?.text ?? "none ran"), in \(tests.attempt)")
            if let note = tests.note { lines.append("                \(note)") }
        }
        lines += known("last known good", overview?.lastKnownGood)
        lines += known("first known bad", overview?.firstKnownBad)
        lines += changes
        if let episode = overview?.episode {
            lines.append("episode         \(episode.id), opened \(episode.openedAt.rfc3339)")
            if let error = episode.firstError { lines.append("first error     \(error.spoken)") }
            if let culprit = episode.culprit { lines.append("culprit         \(culprit.sentence)") }
        }
        lines += sameError.map { member in
            let end = member.until.map { "until \($0.rfc3339)" } ?? "since \(member.since.rfc3339)"
            return "same error      \(member.job) \(end)"
        }
        lines += decisions.map { decision in
            "\(decision.kind.rawValue.padding(toLength: 15, withPad: " ", startingAt: 0)) \(decision.text)"
        }
        let notices = deliveries.map { "notice          \($0.text)" }
        return (lines + (policy?.lines ?? []) + notices).joined(separator: "\n")
    }

    private var lastRun: [String] {
        guard let last else { return ["last run        none yet"] }
        let result = last.result?.rawValue ?? "open"
        return [
            "last run        \(last.run) at \(last.at.rfc3339): \(result)",
            "                \(last.action.rawValue), \(last.reason.code.rawValue): \(last.reason.detail)",
        ]
    }

    private func known(_ title: String, _ build: JobBuild?) -> [String] {
        guard let build else { return ["\(title) none"] }
        let upstreams = build.upstreams.sorted { $0.key < $1.key }
            .map { "\($0.key) \($0.value.revision.shortRevision)" }
        let vector = (["\(job.project) \(build.source.revision.shortRevision)"] + upstreams).joined(separator: ", ")
        return ["\(title) \(build.run) at \(build.at.rfc3339): \(vector)"]
    }

    /// What changed between the last known good and the first known bad.
    private var changes: [String] {
        guard let good = overview?.lastKnownGood, let bad = overview?.firstKnownBad else { return [] }
        let bads = RevisionVector(of: bad, project: job.project)
        return RevisionVector(of: good, project: job.project).changes(to: bads).compactMap { change in
            guard let old = change.from, let new = change.to else { return nil }
            let link = links?.comparison(of: change.project, from: old, to: new).map { "  \($0)" } ?? ""
            return "changed         \(change.project) \(old.shortRevision)..\(new.shortRevision)\(link)"
        }
    }

}

extension OutboxEntry {
    /// What was sent, to which receiver, when, and the error if it failed.
    var text: String {
        let state =
            switch state {
            case .sent: "notified at"
            case .givenUp: "delivery failed, given up at"
            case .waiting: "will be notified at"
            }
        let error = self.state == .sent ? nil : lastError
        return "\(notice.kind.rawValue) to \(receiver), \(state) \(at.rfc3339)\(error.map { ": \($0)" } ?? "")"
    }
}

extension HumanDecision {
    /// Who decided, when and why.
    var text: String { "\(who) at \(at.rfc3339)\(note.isEmpty ? "" : ": \(note)")" }
}

/// The policy's view of a job: which rule applies, and what it waits for.
struct PolicyReport {
    let job: JobID
    let judge: StackJudge
    let silentSince: Date?
    let mutedUntil: Date?
    let now: Date

    var lines: [String] {
        let state = judge.state(of: job)
        let (flaky, runs) = state.flakes.counts
        let label = state.flakes.isFlapping ? ", labelled flaky: its flakes are reported in the weekly digest" : ""
        let rate = state.flakes.rate.percentText
        var lines = [
            "policy          \(outlook(state))",
            "flakes          \(flaky) of \(runs) runs outside episodes, learned rate \(rate)\(label)",
        ]
        if let reprobe = judge.reprobeAt(job) { lines.append("reprobe         at \(reprobe.rfc3339)") }
        if let evidence = laneEvidence { lines.append("lanes           \(evidence.sentence)") }
        if let group = judge.board.group(of: job) {
            let role =
                group.jobs[job] == .held ? "included in the notice of \(group.lead)" : "notified with \(group.lead)"
            lines.append("notified        \(role), since \(group.since.rfc3339)")
        }
        if let silentSince {
            lines.append(
                "stale           no finished run for two schedule periods; operators notified at \(silentSince.rfc3339)"
            )
        }
        if let mutedUntil { lines.append("muted           until \(mutedUntil.rfc3339)") }
        return lines
    }

    private func outlook(_ state: JobJudgeState) -> String {
        switch (state.verdict, state.episode) {
        case (.suspected, let episode?): judge.rule(for: job).outlook(episode, at: now)
        case (.broken, let episode?):
            "broken, \(episode.age(at: now).inHours) after its first failure; "
                + "recovers after a pass that a second build confirms"
        case (.passing, _): "passing; a failure that its rerun confirms makes it suspected, which does not page"
        default: "unknown; has never passed"
        }
    }

    private var laneEvidence: LaneEvidence? {
        var red: [Lane: Bool] = [:]
        for lane in Lane.allCases {
            switch judge.state(of: JobID(project: job.project, variant: job.variant, lane: lane)).verdict {
            case .suspected, .broken: red[lane] = true
            case .passing: red[lane] = false
            case .unknown: break
            }
        }
        return LaneEvidence(red)
    }
}
