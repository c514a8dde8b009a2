// SPDX-License-Identifier: Apache-2.0

import CanaryEngine
import CanaryFiles
import CanaryHistory
import CanaryModel
import CanaryProcesses
import CanaryRunner
import CanaryText
import Foundation

/// Kills runs and garbage collections of this program at random moments, on a temporary stack, and checks that nothing
/// is lost.
struct SelfTest: Sendable {
    /// The same seed gives the same moments, but how far a run is by then depends on the machine.
    let seed: UInt64
    var rounds = 5

    /// What went wrong.
    private struct Flaw: Error {
        let text: String
    }

    /// Runs all rounds, or those up to the first that fails, whose folder is then kept.
    ///
    /// - Parameter report: called with the result of each round.
    /// - Throws: when the temporary stack cannot be created.
    func run(reporting report: @Sendable (HealthCheck) -> Void) async throws -> [HealthCheck] {
        let temporary = try await TemporaryStack.make()
        var moments = Moments(seed: seed)
        var checks: [HealthCheck] = []
        do {
            let run = try await timed { try await require(temporary.canary("run"), 0, "the first run") }
            let collection = try await timed { try await require(temporary.canary("gc"), 0, "the first gc") }
            for round in 1...rounds {
                let deaths = (run: moments.draw(upTo: run), collection: moments.draw(upTo: collection))
                try await conduct(round, of: temporary, deaths.run, deaths.collection)
                let text =
                    "run killed after \(deaths.run.durationText), gc after \(deaths.collection.durationText): nothing lost"
                checks.append(.ok("round \(round)", text))
                checks.last.map(report)
            }
        } catch {
            let text = (error as? Flaw)?.text ?? "\(error)"
            checks.append(
                HealthCheck(
                    "round \(checks.count + 1)", .error, text,
                    hint: "seed \(seed); its folder is kept: `\(temporary.root)`"))
            checks.last.map(report)
            return checks
        }
        temporary.remove()
        return checks
    }

    /// One killed run and the one after it, one killed `gc` and the one after it, and a run that has nothing to do.
    private func conduct(_ round: Int, of temporary: TemporaryStack, _ run: Duration, _ collection: Duration)
        async throws
    {
        let content = "keep \(round) of \(seed)"
        try await temporary.commit(TemporaryStack.projects[0], content)
        try await requireKilled(temporary.canary("run", killedAfter: run), "the run")
        let reported = try await ends(in: temporary)
        try await require(temporary.canary("run"), 0, "the run after a killed one")
        try await check(temporary, content: content, reported: reported)
        try await requireKilled(temporary.canary("gc", killedAfter: collection), "the gc")
        _ = try await ends(in: temporary)
        try await require(temporary.canary("gc"), 0, "the gc after a killed one")
        try await require(temporary.canary("run"), 0, "the run after a gc")
        try await check(temporary, content: content, reported: reported)
        let attempts = try await latest(in: temporary).attempts.count
        guard attempts == 0 else { throw Flaw(text: "gc removed what was needed: \(attempts) attempts after it") }
    }

    private func require(_ end: CapturedProcess.End, _ status: Int, _ what: String) throws {
        guard end.status.shellCode == status else {
            let words = String(decoding: end.errors.isEmpty ? end.output : end.errors, as: UTF8.self)
            throw Flaw(text: "\(what) ended with \(end.status): \(words)")
        }
    }

    /// It may also have ended before the moment of its kill.
    private func requireKilled(_ end: CapturedProcess.End, _ what: String) throws {
        guard end.status != .signal(Int(SIGKILL)) else { return }
        try require(end, 0, what)
    }

    // MARK: - Checking

    /// The results of all finished attempts; the database must be sound.
    private func ends(in temporary: TemporaryStack) async throws -> [String: Result] {
        let found = try await HistoryFile.examine(temporary.state.database)
        if let problem = found.problems.first { throw Flaw(text: "the database is damaged: \(problem)") }
        let history = try await history(of: temporary)
        var ends: [String: Result] = [:]
        for run in try await history.runs.newest(limit: .max) {
            for attempt in try await history.runs.run(run.start.id)?.attempts ?? [] where attempt.state == .finished {
                ends[attempt.id] = attempt.outcome?.result
            }
        }
        return ends
    }

    private func history(of temporary: TemporaryStack) async throws -> HistoryReader {
        guard let history = try History.openForReading(path: temporary.state.database, stack: "self-test") else {
            throw Flaw(text: "the database is gone")
        }
        return history
    }

    private func latest(in temporary: TemporaryStack) async throws -> RunRecord {
        let history = try await history(of: temporary)
        guard let id = try await history.runs.latest(), let run = try await history.runs.run(id) else {
            throw Flaw(text: "no run is recorded")
        }
        return run
    }

    /// Checks everything that a finished run leaves.
    private func check(_ temporary: TemporaryStack, content: String, reported: [String: Result]) async throws {
        let now = try await ends(in: temporary)
        guard reported.allSatisfy({ now[$0.key] == $0.value }) else { throw Flaw(text: "a reported result changed") }
        let history = try await history(of: temporary)
        let open = try await history.builds.runningAttempts().count
        guard open == 0 else { throw Flaw(text: "\(open) attempts are open, but no process runs them") }
        let left = Workspace(state: temporary.state).leftovers(keeping: [])
        guard left.isEmpty else {
            throw Flaw(text: "attempt folders were left behind: \(left.joined(separator: ", "))")
        }
        let processes = ProcessRunner.processes(of: temporary.state)
        guard processes == 0 else { throw Flaw(text: "\(processes) processes were left behind") }
        let stored = PrefixStore(state: temporary.state).stored()
        guard Set(stored.map(\.key)) == (try await history.builds.storedPrefixes()) else {
            throw Flaw(text: "the prefixes on disk differ from those in the database")
        }
        try check(try await latest(in: temporary), content: content, in: temporary.state)
    }

    private func check(_ run: RunRecord, content: String, in state: StateFolder) throws {
        guard run.state == .finished, run.jobs.count == TemporaryStack.projects.count else {
            throw Flaw(text: "the run `\(run.start.id)` is not complete")
        }
        for job in run.jobs {
            guard job.result == .passed, let key = job.planned.key else {
                throw Flaw(text: "`\(job.planned.job)` ended \(job.result?.rawValue ?? "open")")
            }
            let names = names(in: state.prefix(of: job.planned.job.project, key: key))
            guard names == ["\(job.planned.job.project).h"] else {
                throw Flaw(text: "the prefix of `\(job.planned.job)` holds \(names.joined(separator: ", "))")
            }
        }
        let base = run.jobs.first { $0.planned.job.project == TemporaryStack.projects[0] }
        let path = state.prefix(of: TemporaryStack.projects[0], key: base?.planned.key ?? "")
        guard (try? String(contentsOfFile: "\(path)/base.h", encoding: .utf8)) == content + "\n" else {
            throw Flaw(text: "the run did not build what was committed")
        }
    }

    private func names(in path: String) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
    }

    private func timed(_ body: () async throws -> Void) async rethrows -> Duration {
        try await ContinuousClock().measure(body)
    }
}

/// Moments drawn from a seed (SplitMix64).
private struct Moments: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func draw(upTo longest: Duration) -> Duration { longest * Double.random(in: 0..<1, using: &self) }
}
