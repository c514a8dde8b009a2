// SPDX-License-Identifier: Apache-2.0

package import CanaryBisection
package import CanaryFiles
import CanaryGit
package import CanaryHistory
import CanaryModel
package import CanaryRunner
import CanaryText
package import Foundation
import Synchronization

/// The search of `bisect command`: runs a command in private worktrees of a repository until a commit is named.
package struct CommandSearch: Sendable {
    let question: CommandBisectTarget
    let command: CommandProbe
    let history: History
    let stop: StopSignal
    let events: AsyncStream<SearchEvent>.Continuation
    private let output: (@Sendable (UnsafeRawBufferPointer) -> Void)?
    private let now: @Sendable () -> Date
    private let state: StateFolder
    private let worktrees: PrivateWorktrees
    private let checked = Checked()

    /// The stack that histories of commands belong to.
    package static let stack = "command"

    /// Makes a search.
    ///
    /// - Parameters:
    ///   - state: where worktrees and logs go, beside `history`; the caller holds its lock.
    ///   - output: told of each piece that the command prints; nil leaves it to the logs.
    package init(
        _ question: CommandBisectTarget, command: CommandProbe, state: StateFolder, history: History, stop: StopSignal,
        events: AsyncStream<SearchEvent>.Continuation, output: (@Sendable (UnsafeRawBufferPointer) -> Void)? = nil,
        now: @escaping @Sendable () -> Date = { Date() }
    ) {
        self.question = question
        self.command = command
        self.history = history
        self.stop = stop
        self.events = events
        self.output = output
        self.now = now
        self.state = state
        worktrees = PrivateWorktrees(of: question.repository, in: state)
    }

    /// Whether it was seen that the command can run at the base; asked at most once.
    private final class Checked: Sendable {
        let isDone = Mutex(false)
    }

    // MARK: - The whole of it

    /// Searches, and inside a merge that is to blame again.
    ///
    /// - Parameters:
    ///   - digest: what makes it the same search when it is asked for again.
    ///   - settings: how it is to go.
    ///   - fresh: whether what was stored is left aside.
    /// - Returns: the search, and those inside merges, outermost first.
    /// - Throws: `EngineError`, `GitFailure`, `RunnerFailure`, `HistoryError`.
    package func run(digest: String, settings: SearchSettings, fresh: Bool) async throws -> [SearchRecord] {
        await worktrees.endLeftovers()
        do {
            let chain = try await search(digest: digest, settings: settings, fresh: fresh)
            await worktrees.remove()
            return chain
        } catch {
            await worktrees.remove()
            throw error
        }
    }

    private func search(digest: String, settings: SearchSettings, fresh: Bool) async throws -> [SearchRecord] {
        let repository = question.repository
        let commits = try await repository.commits(
            from: question.base, to: question.bad, readingPaths: !settings.options.isUniform)
        let subject = SearchSubject(commits: commits, base: [repository.name: question.base])
        let chain = ChainedSearch(
            history: history.reader.searches, recorder: history.recorder.searches, kind: .command, job: nil,
            events: events, now: now,
            commits: { try await repository.commits(from: $1, to: $2) },
            mergeBase: { await repository.mergeBase($1, $2) }, conduct: conduct)
        return try await chain.run(subject, digest: digest, settings: settings, fresh: fresh)
    }

    @Sendable private func conduct(
        _ record: SearchRecord, settings: SearchSettings, around outer: SearchRecord?
    ) async throws -> SearchRecord {
        if record.probes.contains(where: { $0.probe.n == 0 }) { checked.isDone.withLock { $0 = true } }
        let conductor = SearchConductor(
            recorder: history.recorder.searches, record: record, stop: stop, events: events, now: now)
        let stored = outer?.probes.map { probe in
            Stored(revision: outer?.start.subject.revision(at: probe.probe.point) ?? "", answer: probe.probe.answer)
        }
        let store = Store(stored ?? [], taken: record)
        let logs = try makeLogFolder(of: record.start.id)
        let search = record.search
        if !search.next.isEmpty {
            try await worktrees.prepare(max(search.next.count, settings.options.workers), at: question.base)
        }
        _ = try await conductor.conduct(search) { request, place in
            let revision = record.start.subject.revision(at: request.point)
            if request.phase == .search, let known = store.take(revision) {
                return .init(answer: known, reused: true)
            }
            return try await ask(request, revision, in: place, of: record, logs: logs)
        }
        return try await history.reader.searches.search(record.start.id) ?? record
    }

    // MARK: - One probe

    private func ask(
        _ request: ProbeRequest, _ revision: String, in place: Int, of record: SearchRecord, logs: String
    ) async throws -> SearchConductor.Answer {
        let log = "\(logs)/\(request.n).log"
        try await worktrees.checkOut(revision, in: place)
        let code = try await execute(in: place, log: log)
        if (1...127).contains(code), worktrees.isDiskFull {
            throw EngineError(
                .stateFolder, "the disk is full: `\(worktrees.path(place))` has no room for what the command writes",
                hint: "make room; what was found so far is kept: ask again")
        }
        switch code {
        case 0: return .init(answer: .pass, exitCode: code)
        case 125: return .init(answer: .untestable, exitCode: code)
        case 126, 127:
            try await demandRunnable(code, at: revision, in: place, of: record, log: log)
            return .init(answer: .fail, exitCode: code)
        case 1...127: return .init(answer: .fail, exitCode: code)
        default:
            throw EngineError(
                .stopped, "the command ended with \(code) at `\(revision.shortRevision)`, which stops the search",
                hint: "1 to 127 mean bad, 125 that it cannot be told; its output is in `\(log)`")
        }
    }

    private func execute(in place: Int, log: String) async throws -> Int {
        let status = try await stop.cancelling {
            try await command.run(in: worktrees.path(place), log: log, shown: output)
        }
        guard !stop.isRaised, !Task.isCancelled else { throw EngineError(.interrupted, "interrupted") }
        return status.shellCode
    }

    /// A shell says 126 or 127 for what it cannot start: if the base says the same, the command is wrong, not a commit.
    private func demandRunnable(
        _ code: Int, at revision: String, in place: Int, of record: SearchRecord, log: String
    ) async throws {
        let isFirst = checked.isDone.withLock { isDone in
            defer { isDone = true }
            return !isDone
        }
        guard isFirst else { return }
        let base = ProbePoint(prefix: 0)
        let said: Int
        let began = now()
        if record.start.subject.revision(at: base) == revision {
            said = code
        } else {
            try await worktrees.checkOut(record.start.subject.revision(at: base), in: place)
            said = try await execute(in: place, log: log + ".base")
        }
        guard said != 126, said != 127 else {
            throw EngineError(
                .badRequest,
                "the command cannot be executed: it ended with \(code) at `\(revision.shortRevision)`, "
                    + "and with \(said) at the good commit",
                hint: "its output is in `\(log)`")
        }
        let answer: ProbeAnswer = said == 0 ? .pass : said == 125 ? .untestable : said < 128 ? .fail : .error
        let probe = Probe(n: 0, phase: .control, point: base, answer: answer)
        let seconds = now().timeIntervalSince(began)
        try await history.recorder.searches.record(
            ProbeRecord(probe: probe, beganAt: began, seconds: seconds, exitCode: said), of: record.start.id)
    }

    /// Where the logs of a search lie: one for each probe, `<n>.log`.
    package static func logs(of search: String, in state: StateFolder) -> String { "\(state.path)/searches/\(search)" }

    private func makeLogFolder(of search: String) throws -> String {
        let path = Self.logs(of: search, in: state)
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch {
            throw EngineError(.stateFolder, "`\(path)` cannot be made: \(error)")
        }
        return path
    }
}

// MARK: - Results of the search around

extension CommandSearch {
    /// A result that stands for one more probe of its revision.
    private struct Stored: Sendable {
        let revision: String
        let answer: ProbeAnswer
    }

    /// Gives out each stored pass and fail once.
    private final class Store: Sendable {
        private let left: Mutex<[String: [ProbeAnswer]]>

        init(_ stored: [Stored], taken record: SearchRecord) {
            var left: [String: [ProbeAnswer]] = [:]
            for one in stored where one.answer == .pass || one.answer == .fail {
                left[one.revision, default: []].append(one.answer)
            }
            for probe in record.probes where probe.probe.reused {
                let revision = record.start.subject.revision(at: probe.probe.point)
                if left[revision]?.isEmpty == false { left[revision]?.removeFirst() }
            }
            self.left = Mutex(left)
        }

        func take(_ revision: String) -> ProbeAnswer? {
            left.withLock { left in left[revision]?.isEmpty == false ? left[revision]?.removeFirst() : nil }
        }
    }
}

extension SearchSubject {
    /// The revision at `point`, where one project alone is searched.
    func revision(at point: ProbePoint) -> String { revisions(at: point).values.first ?? "" }
}
