// SPDX-License-Identifier: Apache-2.0

import CanaryJudge
import CanaryModel
import CanaryTestSupport
import Foundation

@testable import CanaryHistory

/// An instant, in minutes after a fixed one.
func minute(_ minutes: Int) -> Date { Date(timeIntervalSince1970: 1_800_000_000 + Double(minutes) * 60) }

let driver = StateHolder(pid: 4711, startedAt: "boot:1234")
let compilerError = Outcome.ended(
    in: .build, reason: .buildCompiler,
    firstError: FirstError(text: "no member named 'x'", file: "include/x.h", line: 12), fingerprint: "f00d")

func job(_ project: String, variant: String = "vfx2026", lane: Lane = .head) -> JobID {
    JobID(project: project, variant: variant, lane: lane)
}

func source(_ revision: String) -> Source {
    Source(revision: revision, tree: "tree-of-\(revision)", committedAt: minute(-100))
}

func start(_ id: String, at time: Date = minute(0), judged: Bool = true) -> RunStart {
    RunStart(id: id, trigger: "manual", judged: judged, startedAt: time, driver: driver)
}

func opened(_ id: String, _ purpose: AttemptPurpose = .first, at time: Date = minute(1)) -> AttemptStart {
    AttemptStart(id: id, purpose: purpose, startedAt: time, driver: driver)
}

func build(
    _ key: String, _ project: String = "imath", upstreams: [UpstreamBuild] = [], revision: String = "r1",
    partial: Bool = false, variant: String = "vfx2026"
) -> BuildRecord {
    BuildRecord(
        key: key, project: project, source: source(revision), recipe: "recipe", environment: "sha256:image",
        variant: variant, upstreams: upstreams, partial: partial)
}

/// What a plan says of a job beside its key and its end.
struct Decided {
    var revision: String? = "r1"
    var upstreams: [String: Source] = [:]
    var action = Action.build
    var reason = DecisionReason(.headMoved, "imath moved")
    var redUpstreams: [String] = []
    var fallback: [String: String] = [:]
}

func plan(
    _ job: JobID, key: String? = "key", _ decided: Decided = Decided(), _ outcome: Outcome? = nil, flaky: Bool = false
) -> PlannedJob {
    PlannedJob(
        job: job, source: decided.revision.map(source), upstreams: decided.upstreams, key: key, conditional: false,
        action: decided.action, reason: decided.reason, redUpstreams: decided.redUpstreams, fallback: decided.fallback,
        finished: outcome.map { FinishedBuild(outcome: $0, flaky: flaky) }, recipe: key.map { _ in "recipe" },
        environment: key.map { _ in "sha256:image" })
}

func ended(
    _ job: JobID, _ outcome: Outcome?, key: String? = "key", flaky: Bool = false, verdict: Verdict = .passing
) -> RunJob {
    RunJob(planned: plan(job, key: key, Decided(), outcome, flaky: flaky), verdict: verdict)
}

extension History {
    /// Writes one run with one job's end, from its beginning to its end.
    func live(_ run: String, _ end: RunJob, minute at: Int, judged: Bool = true, _ transitions: [Transition] = [])
        async throws
    {
        try await recorder.begin(start(run, at: minute(at), judged: judged))
        try await recorder.record([end], transitions: transitions, of: run)
        try await recorder.finishRun(run, at: minute(at + 1))
    }

    /// The same for a build of the run's own.
    func live(
        _ run: String, _ job: JobID, _ outcome: Outcome, minute at: Int, judged: Bool = true, flaky: Bool = false
    ) async throws {
        try await live(run, ended(job, outcome, key: "key-of-\(run)", flaky: flaky), minute: at, judged: judged)
    }

    /// Executes `build` once in `run`, which must be open.
    func execute(
        _ attempt: AttemptStart, _ build: BuildRecord, in run: String, outcome: Outcome = .passed, tree: String? = nil,
        seconds: Double = 60
    ) async throws {
        try await recorder.begin(attempt, of: build, in: run)
        let prefix = tree.map { StoredPrefix(tree: $0, files: 3, bytes: 4096) }
        _ = try await recorder.finish(
            attempt.id,
            with: AttemptFinish(
                finishedAt: minute(1).addingTimeInterval(seconds), outcome: outcome, prefix: prefix))
    }

    /// The same for a first attempt.
    func execute(
        _ id: String, _ build: BuildRecord, in run: String, outcome: Outcome = .passed, tree: String? = nil,
        seconds: Double = 60
    ) async throws {
        try await execute(opened(id), build, in: run, outcome: outcome, tree: tree, seconds: seconds)
    }
}

extension TemporaryFolder {
    var database: String { self("canary.sqlite") }
}

/// The code of the `HistoryError` that `body` throws; nil when it throws none.
func code(_ body: () async throws -> Void) async -> HistoryError.Code? {
    do {
        try await body()
        return nil
    } catch { return (error as? HistoryError)?.code }
}

extension RunVerdicts {
    /// Nothing but messages.
    static func reporting(_ events: [NoticeEvent]) -> RunVerdicts {
        var verdicts = RunVerdicts()
        verdicts.events = events
        return verdicts
    }
}
