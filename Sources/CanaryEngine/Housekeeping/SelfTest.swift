// SPDX-License-Identifier: Apache-2.0

import CanaryFiles
import CanaryHistory
import CanaryModel
import CanaryProcesses
import CanaryRunner
import CanaryText
import Foundation

/// Kills runs and collections of this program at random moments, on a stack of its own, and looks what is left.
package struct SelfTest: Sendable {
    private let seed: UInt64
    private let rounds: Int

    /// The same seed draws the same moments; how far a run then is depends on the machine.
    package init(seed: UInt64, rounds: Int = 5) {
        self.seed = seed
        self.rounds = rounds
    }

    /// What was not as it should be.
    private struct Flaw: Error {
        let text: String
    }

    /// Makes all rounds, or those up to the first that goes wrong, whose folder is kept.
    ///
    /// - Parameter tell: hears of each round when it is over.
    /// - Throws: when there is no scratch stack to be had.
    package func conduct(telling tell: @Sendable (HealthCheck) -> Void) async throws -> [HealthCheck] {
        let scratch = try await ScratchStack.make()
        var moments = Moments(seed: seed)
        var checks: [HealthCheck] = []
        do {
            let run = try await timed { try await demand(scratch.canary("run"), 0, "the first run") }
            let collection = try await timed { try await demand(scratch.canary("gc"), 0, "the first gc") }
            for round in 1...rounds {
                let deaths = (run: moments.draw(upTo: run), collection: moments.draw(upTo: collection))
                try await conduct(round, of: scratch, deaths.run, deaths.collection)
                let text =
                    "run killed after \(deaths.run.durationText), gc after \(deaths.collection.durationText): nothing lost"
                checks.append(.ok("round \(round)", text))
                checks.last.map(tell)
            }
        } catch {
            let text = (error as? Flaw)?.text ?? "\(error)"
            checks.append(
                HealthCheck(
                    "round \(checks.count + 1)", .error, text,
                    hint: "seed \(seed); its folder is kept: `\(scratch.root)`"))
            checks.last.map(tell)
            return checks
        }
        scratch.remove()
        return checks
    }

    /// One killed run and the one behind it, one killed `gc` and the one behind it, and a run that has nothing to do.
    private func conduct(_ round: Int, of scratch: ScratchStack, _ run: Duration, _ collection: Duration) async throws {
        let content = "keep \(round) of \(seed)"
        try await scratch.commit(ScratchStack.projects[0], content)
        try await demandKilled(scratch.canary("run", killedAfter: run), "the run")
        let reported = try await ends(in: scratch)
        try await demand(scratch.canary("run"), 0, "the run behind a killed one")
        try await look(at: scratch, content: content, reported: reported)
        try await demandKilled(scratch.canary("gc", killedAfter: collection), "the gc")
        _ = try await ends(in: scratch)
        try await demand(scratch.canary("gc"), 0, "the gc behind a killed one")
        try await demand(scratch.canary("run"), 0, "the run behind a gc")
        try await look(at: scratch, content: content, reported: reported)
        let attempts = try await latest(in: scratch).attempts.count
        guard attempts == 0 else { throw Flaw(text: "gc removed what was needed: \(attempts) attempts behind it") }
    }

    private func demand(_ end: CapturedProcess.End, _ status: Int, _ what: String) throws {
        guard end.status.shellCode == status else {
            let words = String(decoding: end.errors.isEmpty ? end.output : end.errors, as: UTF8.self)
            throw Flaw(text: "\(what) ended with \(end.status): \(words)")
        }
    }

    /// It may also have been done before its moment came, or have been killed before it did anything.
    private func demandKilled(_ end: CapturedProcess.End, _ what: String) throws {
        guard end.status != .signal(Int(SIGKILL)) else { return }
        try demand(end, 0, what)
    }

    // MARK: - Looking

    /// The results of all attempts that ended, of a record that must be sound.
    private func ends(in scratch: ScratchStack) async throws -> [String: Result] {
        let found = try await HistoryFile.examine(scratch.state.database)
        if let problem = found.problems.first { throw Flaw(text: "the database is damaged: \(problem)") }
        let history = try await history(of: scratch)
        var ends: [String: Result] = [:]
        for run in try await history.runs.newest(limit: .max) {
            for attempt in try await history.runs.run(run.start.id)?.attempts ?? [] where attempt.state == .finished {
                ends[attempt.id] = attempt.outcome?.result
            }
        }
        return ends
    }

    private func history(of scratch: ScratchStack) async throws -> HistoryReader {
        guard let history = try History.openForReading(path: scratch.state.database, stack: "self-test") else {
            throw Flaw(text: "the database is gone")
        }
        return history
    }

    private func latest(in scratch: ScratchStack) async throws -> RunRecord {
        let history = try await history(of: scratch)
        guard let id = try await history.runs.latest(), let run = try await history.runs.run(id) else {
            throw Flaw(text: "no run is recorded")
        }
        return run
    }

    /// Looks whether a finished run left everything as it should be.
    private func look(at scratch: ScratchStack, content: String, reported: [String: Result]) async throws {
        let now = try await ends(in: scratch)
        guard reported.allSatisfy({ now[$0.key] == $0.value }) else { throw Flaw(text: "a reported result changed") }
        let history = try await history(of: scratch)
        let open = try await history.builds.runningAttempts().count
        guard open == 0 else { throw Flaw(text: "\(open) attempts are open and nobody makes them") }
        let left = Workspace(state: scratch.state).leftovers(keeping: [])
        guard left.isEmpty else { throw Flaw(text: "places of attempts are left: \(left.joined(separator: ", "))") }
        let processes = ProcessRunner.processes(of: scratch.state)
        guard processes == 0 else { throw Flaw(text: "\(processes) processes are left") }
        let stored = PrefixStore(state: scratch.state).stored()
        guard Set(stored.map(\.key)) == (try await history.builds.storedPrefixes()) else {
            throw Flaw(text: "the prefixes on the disk are not those of the database")
        }
        try look(at: try await latest(in: scratch), content: content, in: scratch.state)
    }

    private func look(at run: RunRecord, content: String, in state: StateFolder) throws {
        guard run.state == .finished, run.jobs.count == ScratchStack.projects.count else {
            throw Flaw(text: "the run `\(run.start.id)` is not whole")
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
        let base = run.jobs.first { $0.planned.job.project == ScratchStack.projects[0] }
        let path = state.prefix(of: ScratchStack.projects[0], key: base?.planned.key ?? "")
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
