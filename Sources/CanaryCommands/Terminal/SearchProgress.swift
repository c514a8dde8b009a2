// SPDX-License-Identifier: Apache-2.0

import CanaryBisection
import CanaryEngine
import CanaryGit
import CanaryHistory
import CanaryModel
import CanaryRunner
import CanaryText
import Foundation

/// Shows a search in progress: a line for each answer, what is left, and the most suspect commits.
struct SearchProgress: Sendable {
    let isQuiet: Bool
    let isLive: Bool

    /// Runs `body` and shows what happens in it.
    ///
    /// - Throws: what `body` throws, with errors of git and of the runner as `EngineError` `stopped`.
    static func showing<T: Sendable>(
        _ common: CommonOptions, _ body: (AsyncStream<SearchEvent>.Continuation) async throws -> T
    ) async throws -> T {
        let (events, continuation) = AsyncStream.makeStream(of: SearchEvent.self)
        let progress = SearchProgress(isQuiet: common.quiet, isLive: Console.isLive)
        async let shown: Void = progress.show(events)
        do {
            let value = try await body(continuation)
            continuation.finish()
            await shown
            return value
        } catch {
            continuation.finish()
            await shown
            throw Self.stopped(error)
        }
    }

    private static func stopped(_ error: any Error) -> any Error {
        let hint = "run it again: progress is kept"
        return switch error {
        case let failure as GitFailure: EngineError(.stopped, failure.description, hint: hint)
        case let failure as RunnerFailure: EngineError(.stopped, failure.description, hint: hint)
        default: error
        }
    }

    /// Shows `events` until they end.
    func show(_ events: AsyncStream<SearchEvent>) async {
        var subject: SearchSubject?
        for await event in events where !isQuiet {
            if case .began(let record, _) = event { subject = record.start.subject }
            lines(of: event, subject: subject).forEach { Console.note($0) }
        }
    }

    private func lines(of event: SearchEvent, subject: SearchSubject?) -> [String] {
        switch event {
        case .began(let record, let search): return began(record, search)
        case .note(let text): return [text]
        case .waiting(let request, let wait): return ["probe \(request.n): waiting \(wait) for an outage to end"]
        case .asked: return []
        case .answered(let record, let point, let search):
            return [answer(record, at: point)] + summary(of: search, subject: subject)
        }
    }

    private func began(_ record: SearchRecord, _ search: Search) -> [String] {
        let commits = record.start.subject.commits.count.counting("commit")
        guard !record.probes.isEmpty else {
            return ["search \(record.start.id): \(commits), about \(search.expectedBuilds.counting("probe")) to go"]
        }
        let stored = record.probes.count.counting("stored probe")
        let open = search.verdict == nil ? ", about \(search.expectedBuilds.counting("probe")) to go" : ""
        return ["search \(record.start.id): \(commits), continues from \(stored)\(open)"]
    }

    private func answer(_ record: ProbeRecord, at point: SearchedPoint) -> String {
        let probe = record.probe
        let phase = probe.phase == .search ? "" : "\(probe.phase.rawValue), "
        let exit = record.exitCode.map { ", exit \($0)" } ?? ""
        let how = probe.reused ? "stored" : record.seconds.durationText
        let ahead = probe.point.ahead.map { " with commit \($0)" } ?? ""
        return "probe \(probe.n): \(point.project) \(point.revision.shortRevision) "
            + "(\(point.position) of \(point.last)\(ahead)): \(probe.answer.rawValue) (\(phase)\(how)\(exit))"
    }

    /// Empty while probes of the same round are open: their answers would change it at once.
    private func summary(of search: Search, subject: SearchSubject?) -> [String] {
        guard search.verdict == nil, let posterior = search.posterior, let subject, search.isRoundComplete
        else { return [] }
        var lines: [String] = []
        if let left = posterior.commits(holding: 0.95), search.expectedBuilds > 0 {
            let range =
                left.count == 1 ? "commit \(left.lowerBound)" : "commits \(left.lowerBound) to \(left.upperBound)"
            lines.append(
                "  left: \(range) of \(search.range.count); about \(search.expectedBuilds.counting("probe")) to go; "
                    + "environment \(posterior.environment.percentText), nothing \(posterior.none.percentText)")
        }
        let commits = posterior.commits
        let top = commits.indices.sorted { (commits[$1], $0) < (commits[$0], $1) }.prefix(5).filter { commits[$0] > 0 }
        lines += top.map { number in
            let commit = subject.commits[number - 1]
            return
                "  \(commits[number].percentText.leftPadded(to: 6)) \(commit.revision.shortRevision) \(commit.subject ?? "")"
                .clipped(to: isLive ? Console.width - 1 : 160)
        }
        if isLive { lines.append("  [" + ProbabilityChart.draw(commits, width: min(72, Console.width - 5)) + "]") }
        return lines
    }
}

extension Search {
    /// Whether none of the current requests has an answer yet.
    fileprivate var isRoundComplete: Bool {
        let known = Set(probes.map(\.n))
        return next.allSatisfy { !known.contains($0.n) }
    }
}

extension String {
    func leftPadded(to width: Int) -> String { String(repeating: " ", count: max(0, width - count)) + self }

    func clipped(to width: Int) -> String { count > width ? String(prefix(max(0, width - 1))) + "…" : self }
}
