// SPDX-License-Identifier: Apache-2.0

import CanaryJudge
import CanaryModel
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

func plan(
    _ job: JobID, key: String? = "key", revision: String? = "r1", upstreams: [String: Source] = [:],
    action: Action = .build, reason: DecisionReason = DecisionReason(.headMoved, "imath moved"),
    redUpstreams: [String] = [], fallback: [String: String] = [:]
) -> RecordedPlan {
    RecordedPlan(
        job: job, source: revision.map(source), upstreams: upstreams, key: key, conditional: false, action: action,
        reason: reason, redUpstreams: redUpstreams, fallback: fallback, recipe: key.map { _ in "recipe" },
        environment: key.map { _ in "sha256:image" })
}

func ended(
    _ job: JobID, _ outcome: Outcome?, key: String? = "key", flaky: Bool = false, verdict: Verdict = .passing
) -> RunJob {
    RunJob(planned: plan(job, key: key), flaky: flaky, outcome: outcome, verdict: verdict)
}

extension History {
    /// Writes one run with one job's end, from its beginning to its end.
    func live(
        _ run: String, _ job: JobID, _ outcome: Outcome, minute at: Int, judged: Bool = true, flaky: Bool = false,
        key: String? = nil, transitions: [Transition] = []
    ) async throws {
        try await begin(start(run, at: minute(at), judged: judged))
        try await record(
            [ended(job, outcome, key: key ?? "key-of-\(run)", flaky: flaky)], transitions: transitions, of: run)
        try await finishRun(run, at: minute(at + 1))
    }

    /// Executes `build` once in `run`, which must be open.
    func execute(
        _ id: String, _ build: BuildRecord, in run: String, purpose: AttemptPurpose = .first,
        outcome: Outcome = .passed, tree: String? = nil, seconds: Double = 60
    ) async throws {
        try await begin(opened(id, purpose), of: build, in: run)
        let prefix = tree.map { StoredPrefix(tree: $0, files: 3, bytes: 4096) }
        _ = try await finish(
            id,
            with: AttemptFinish(
                finishedAt: minute(1).addingTimeInterval(seconds), outcome: outcome, prefix: prefix))
    }
}

/// A folder that is removed with its owner.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "canary-history-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    var database: String { path + "/canary.sqlite" }

    func names() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }
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
