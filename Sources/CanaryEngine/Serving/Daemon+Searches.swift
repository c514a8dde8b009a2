// SPDX-License-Identifier: Apache-2.0

import CanaryBisection
import CanaryHistory
import CanaryJudge
import CanaryModel
import Foundation

extension Daemon {
    /// Seconds between two looks for what broke the suspected jobs.
    static let searchPause: TimeInterval = 600

    /// Looks for what broke suspected jobs for as long as there is nothing else to do.
    func search(besides agenda: Schedule) async throws {
        let (events, continuation) = AsyncStream.makeStream(of: SearchEvent.self)
        defer { continuation.finish() }
        async let heard: Void = hear(events)
        let found = try await interruptible(request: nil) { own, _ in
            try await withThrowingTaskGroup(of: [JobID: Commit]?.self) { group in
                group.addTask {
                    try await AutomaticSearch(engine: engine, stop: own, events: continuation).round()
                }
                group.addTask {
                    await waitForWork(agenda, raising: own)
                    return nil
                }
                defer { group.cancelAll() }
                while let end = try await group.next() {
                    if let end { return end }
                }
                return [:]
            }
        }
        continuation.finish()
        await heard
        for (job, culprit) in found {
            hooks.say("\(job): broken by \(culprit.project) \(culprit.revision)")
            try await engine.note(culprit, of: job)
        }
    }

    private func hear(_ events: AsyncStream<SearchEvent>) async {
        for await event in events {
            if case .note(let text) = event { hooks.say(text) }
        }
    }

    /// Raises `own` as soon as something falls due or is asked for.
    private func waitForWork(_ agenda: Schedule, raising own: StopSignal) async {
        while !Task.isCancelled, !own.isRaised {
            let isAsked = (try? await engine.history.requests.open().isEmpty) == false
            if isAsked || agenda.nextInstant <= engine.now() { return own.raise() }
            try? await Task.sleep(for: .seconds(1))
        }
    }

    /// Carries out a search that was asked for.
    ///
    /// - Returns: what was found, in one line.
    func search(_ request: UpstreamRequest, stop: StopSignal) async throws -> String {
        let (events, continuation) = AsyncStream.makeStream(of: SearchEvent.self)
        async let heard: Void = hear(events)
        defer { continuation.finish() }
        let question = try await engine.question(request)
        let settings = SearchSettings(rates: SearchRates(learned: question.learned))
        let search = UpstreamSearch(
            question, settings: settings, engine: engine, stop: stop, events: continuation)
        let chain = try await search.run(fresh: false)
        continuation.finish()
        await heard
        guard let last = chain.last, let verdict = last.search.verdict else { return "nothing was found" }
        let named = verdict.suspects.first?.commit
        return "\(last.start.id): \(verdict.kind.rawValue)\(named.map { " \($0.project) \($0.revision)" } ?? "")"
    }

    /// Tries unmerged changes on all jobs that see them.
    ///
    /// - Returns: the answers, in one line.
    func attempt(_ changes: [String: String], stop: StopSignal) async throws -> String {
        let trial = try await TryRun.make(of: changes, in: engine, stop: stop)
        var answers: [String] = []
        for job in try trial.jobs(variants: [], lanes: [.head]) {
            let answer = try await trial.answer(for: job)
            answers.append("\(job): \(answer.word.rawValue)")
        }
        return answers.joined(separator: ", ")
    }
}
