// SPDX-License-Identifier: Apache-2.0

import CanaryBisection
import CanaryHistory
import CanaryJudge
import CanaryModel
import CanaryPages
import CanaryText
import Foundation

extension Publication {
    /// What the judge and searches add to the jobs of `overview`.
    func notes(on overview: [JobID: JobOverview]) async throws -> [JobID: JobNotes] {
        guard let history, let changedAt = try await history.lastChange() else { return [:] }
        let judge = try await judgeState(overview).judge(of: stack, at: changedAt)
        let clusters = try await clusters()
        let tests = try await history.tests.newest(of: Array(overview.keys))
        var notes: [JobID: JobNotes] = [:]
        for (job, known) in overview {
            var note = JobNotes(known.memory, rule: judge.rule(for: job))
            note.isStale = known.silentSince != nil
            note.tests = tests[job]
            if let episode = known.episode {
                note.add(episode, search: try await history.searches.searches(about: job, limit: 1).first)
                note.sameError = clusters.first { $0.holds(job) }?.others(than: job) ?? []
            }
            notes[job] = note
        }
        return notes
    }

    /// The notices about `job` since its episode began, or in the last week; one line each.
    func notices(about job: JobID, _ overview: JobOverview?) async throws -> [String] {
        guard let history, let changedAt = try await history.lastChange() else { return [] }
        let since = overview?.episode?.openedAt ?? changedAt.addingTimeInterval(-7 * 86_400)
        return try await history.notices.deliveries(about: job, since: since).map { delivery in
            let state =
                switch delivery.state {
                case .sent: "notified at"
                case .givenUp: "delivery failed, given up at"
                default: "will be notified at"
                }
            let trouble = delivery.state == .sent ? "" : delivery.lastError.map { ": \($0)" } ?? ""
            return "\(delivery.notice.kind.rawValue): \(delivery.receiver) \(state) \(delivery.at.rfc3339)\(trouble)"
        }
    }
}

extension JobNotes {
    /// Adds the culprit of `episode`, and what `search`, the newest about the job, has come to if it is about it.
    fileprivate mutating func add(_ episode: EpisodeRecord, search: SearchRecord?) {
        if let known = episode.culprit {
            culprit = known.commit
            confidence = known.isConfirmed ? nil : known.confidence
        }
        guard let search, search.lastProbedAt >= episode.openedAt else { return }
        self.search = search.start.id
        guard search.endedAt == nil else { return }
        let built = search.probes.count { !$0.probe.reused }
        progress = "\(built.counting("build")) of about \(built + search.search.expectedBuilds)"
    }
}

extension SearchFacts {
    /// The facts of the search `record`.
    init(_ record: SearchRecord) {
        let search = record.search
        let subject = record.start.subject
        let posterior = search.posterior
        self.init(
            id: record.start.id, job: record.start.job, question: Self.question(record),
            startedAt: record.start.beganAt, finishedAt: record.endedAt, result: search.verdict?.kind,
            confirmation: search.confirmation,
            commits: subject.commits,
            probabilities: posterior.map { [$0.environment] + $0.commits + [$0.none] } ?? [],
            probes: record.probes.filter { $0.probe.n > 0 }.map { probe in
                AnsweredProbe(
                    n: probe.probe.n, phase: probe.probe.phase, position: probe.probe.point.prefix,
                    answer: probe.probe.answer, isReused: probe.probe.reused, seconds: probe.seconds,
                    attempt: probe.attempt)
            }, budget: record.settings.options.budget)
    }

    private static func question(_ record: SearchRecord) -> String {
        let count = record.start.subject.commits.count
        switch record.start.kind {
        case .command: return "since which of \(count) commits does the command fail?"
        case .name: return "since which of \(count) commits is the name no longer installed?"
        case .upstream:
            if let test = record.settings.test {
                return "since which of \(count) commits does the test \(SanitizedText.line(test, limit: 100)) fail?"
            }
            return "which of \(count) commits broke \(record.start.job.map { "\($0)" } ?? "it")?"
        }
    }
}
