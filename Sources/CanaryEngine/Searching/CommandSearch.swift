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

/// The search of `bisect command`: runs a command in private checkouts of a repository until a commit is found.
package struct CommandSearch: Sendable {
    let target: CommandBisectTarget
    let command: CommandProbe
    let history: History
    let stop: StopSignal
    let events: AsyncStream<SearchEvent>.Continuation
    private let output: (@Sendable (UnsafeRawBufferPointer) -> Void)?
    private let now: @Sendable () -> Date
    private let state: StateFolder
    private let checkouts: PrivateCheckouts
    private let checked = Checked()

    /// The stack name in histories of `bisect command`.
    package static let stack = "command"

    /// Makes a search.
    ///
    /// - Parameters:
    ///   - state: the folder for logs; the caller holds its lock.
    ///   - output: called with each piece of output of the command; nil if it only goes to the logs.
    package init(
        _ target: CommandBisectTarget, command: CommandProbe, state: StateFolder, history: History, stop: StopSignal,
        events: AsyncStream<SearchEvent>.Continuation, output: (@Sendable (UnsafeRawBufferPointer) -> Void)? = nil,
        now: @escaping @Sendable () -> Date = { Date() }
    ) {
        self.target = target
        self.command = command
        self.history = history
        self.stop = stop
        self.events = events
        self.output = output
        self.now = now
        self.state = state
        checkouts = PrivateCheckouts(of: target.repository, in: state)
    }

    /// Whether the command is known to run at the base; checked at most once.
    private final class Checked: Sendable {
        let isDone = Mutex(false)
    }

    /// Searches, and continues inside a merge that is the culprit.
    ///
    /// - Parameters:
    ///   - digest: identifies the search, so that running it again continues it.
    ///   - settings: the settings of this call.
    ///   - fresh: whether to start over, ignoring stored answers.
    /// - Returns: the search, and those inside merges, outermost first.
    /// - Throws: `EngineError`, `GitFailure`, `RunnerFailure`, `HistoryError`.
    package func run(digest: String, settings: SearchSettings, fresh: Bool) async throws -> [SearchRecord] {
        await checkouts.endLeftovers()
        checkouts.remove()
        defer { checkouts.remove() }
        target.files.notes.forEach { events.yield(.note($0)) }
        let repository = target.repository
        let commits = try await repository.commits(
            from: target.ends.base, to: target.ends.bad, readingPaths: !settings.options.isUniform)
        let subject = SearchSubject(commits: commits, base: [repository.name: target.ends.base])
        let chain = ChainedSearch(
            history: history.reader.searches, recorder: history.recorder.searches, kind: .command, job: nil,
            events: events, now: now,
            commits: { try await repository.commits(from: $1, to: $2) }, conduct: conduct)
        return try await chain.run(subject, digest: digest, settings: settings, fresh: fresh)
    }

    @Sendable private func conduct(
        _ record: SearchRecord, settings: SearchSettings, around outer: SearchRecord?
    ) async throws -> SearchRecord {
        if record.probes.contains(where: { $0.probe.n == 0 }) { checked.isDone.withLock { $0 = true } }
        let conductor = SearchConductor(
            recorder: history.recorder.searches, record: record, stop: stop, events: events, now: now)
        let stored = StoredAnswers(of: outer, usedBy: record)
        let logs = try makeLogFolder(of: record.start.id)
        let base = BaseCheck(record, isOutermost: outer == nil)
        _ = try await conductor.conduct(
            record.search, pausingWhen: { _ in base.bad != nil }
        ) { request, slot in
            let revision = record.start.subject.revision(at: request.point)
            if request.phase == .search, let known = stored.take(revision) {
                return .init(answer: known, reused: true)
            }
            let answer = try await probe(request, revision, in: slot, of: record, logs: logs)
            if base.suspects(answer.answer, of: request) {
                try await judge(base, answer, slot: slot, log: "\(logs)/\(request.n).log", of: record)
            }
            return answer
        }
        if let bad = base.bad { try await history.recorder.searches.end(record, by: bad, at: now()) }
        return try await history.reader.searches.search(record.start.id) ?? record
    }

    // MARK: - A base that fails

    /// Decides what it means that nothing passed: good is fixed on its branch, the command is wrong, or an outage.
    private func judge(
        _ base: BaseCheck, _ answer: SearchConductor.Answer, slot: Int, log: String, of record: SearchRecord
    ) async throws {
        let ends = target.ends
        var (failing, code, last) = (ends.base, answer.exitCode ?? 1, log)
        for (number, good) in ends.goods.enumerated() where ends.isForked {
            last = "\(log).good\(number + 1)"
            (failing, code) = (good, try await status(at: good, in: slot, log: last))
            guard code == 0 else { continue }
            events.yield(.note("`\(good.shortRevision)`, called good, passes; its merge base fails"))
            // Not by accident, if it fails twice.
            if try await status(at: ends.base, in: slot, log: log + ".base") != 0 {
                base.note(BadBase(base: ends.base, good: good))
            }
            return
        }
        var settings = record.settings
        guard settings.isPatient != true else { return }
        settings.isVoid = true
        try await history.recorder.searches.resume(search: record.start.id, settings: settings)
        throw EngineError(
            .badRequest,
            "the command fails at the good commit `\(failing.shortRevision)` too, with exit status \(code), and passed "
                + "nowhere; its last lines:\n" + LastLines.of(last),
            hint: "run it there by hand; `--control-wait` waits for an outage to end; the whole output is in `\(last)`")
    }

    /// The exit status of the command at `revision`.
    private func status(at revision: String, in slot: Int, log: String) async throws -> Int {
        try await checkouts.checkOut(revision, in: slot)
        return try await execute(in: slot, log: log)
    }

    // MARK: - One probe

    private func probe(
        _ request: ProbeRequest, _ revision: String, in slot: Int, of record: SearchRecord, logs: String
    ) async throws -> SearchConductor.Answer {
        let log = "\(logs)/\(request.n).log"
        try await checkouts.checkOut(revision, in: slot)
        // A commit without the folder in which the command shall run cannot be judged.
        guard Folder.exists(workingFolder(slot)) else { return .init(answer: .untestable) }
        let code = try await execute(in: slot, log: log)
        if (1...127).contains(code), checkouts.isDiskFull {
            throw EngineError(
                .stateFolder, "the disk is full: `\(checkouts.path(slot))` has no space for what the command writes",
                hint: "free some space and run it again: progress is kept")
        }
        switch code {
        case 0: return .init(answer: .pass, exitCode: code)
        case 125: return .init(answer: .untestable, exitCode: code)
        case 126, 127:
            try await requireRunnable(code, at: revision, in: slot, of: record, log: log)
            return .init(answer: .fail, exitCode: code)
        case 1...127: return .init(answer: .fail, exitCode: code)
        default:
            throw EngineError(
                .stopped, "the command ended with \(code) at `\(revision.shortRevision)`, which stops the search",
                hint: "1 to 127 mean bad, 125 means untestable; its output is in `\(log)`")
        }
    }

    /// Where the command runs: in the folder of the checkout that the caller is in.
    private func workingFolder(_ slot: Int) -> String {
        let subfolder = target.repository.subfolder.dropLast()
        return subfolder.isEmpty ? checkouts.path(slot) : "\(checkouts.path(slot))/\(subfolder)"
    }

    private func execute(in slot: Int, log: String) async throws -> Int {
        let status = try await stop.cancelling {
            try await command.run(in: workingFolder(slot), log: log, shown: output)
        }
        try EngineError.throwIfStopped(stop)
        return status.shellCode
    }

    /// Shells exit with 126 or 127 if they cannot start something: if so at the base too, the command is wrong.
    private func requireRunnable(
        _ code: Int, at revision: String, in slot: Int, of record: SearchRecord, log: String
    ) async throws {
        let isFirst = checked.isDone.withLock { isDone in
            defer { isDone = true }
            return !isDone
        }
        guard isFirst else { return }
        let base = ProbePoint(prefix: 0)
        let status: Int
        let began = now()
        if record.start.subject.revision(at: base) == revision {
            status = code
        } else {
            status = try await self.status(at: record.start.subject.revision(at: base), in: slot, log: log + ".base")
        }
        guard status != 126, status != 127 else {
            throw EngineError(
                .badRequest,
                "the command cannot be executed: it ended with \(code) at `\(revision.shortRevision)`, "
                    + "and with \(status) at the good commit; its last lines:\n" + LastLines.of(log),
                hint: "its output is in `\(log)`")
        }
        let answer: ProbeAnswer = status == 0 ? .pass : status == 125 ? .untestable : status < 128 ? .fail : .error
        let probe = Probe(n: 0, phase: .control, point: base, answer: answer)
        let seconds = now().timeIntervalSince(began)
        try await history.recorder.searches.record(
            ProbeRecord(probe: probe, beganAt: began, seconds: seconds, exitCode: status), of: record.start.id)
    }

    /// The folder with the logs of a search: one for each probe, `<n>.log`.
    package static func logs(of search: String, in state: StateFolder) -> String { "\(state.path)/searches/\(search)" }

    private func makeLogFolder(of search: String) throws -> String {
        let path = Self.logs(of: search, in: state)
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch {
            throw EngineError(.stateFolder, "`\(path)` cannot be created: \(error)")
        }
        return path
    }
}
