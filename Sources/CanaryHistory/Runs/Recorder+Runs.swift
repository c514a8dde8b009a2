// SPDX-License-Identifier: Apache-2.0

import CanaryJudge
package import CanaryModel
package import Foundation
import GRDB

extension Recorder {
    /// Records that a run began.
    package func begin(_ run: RunStart) async throws(HistoryError) {
        try await access.write { connection in
            try connection.perform(
                """
                INSERT INTO runs (id, trigger, judged, state, started_at, driver_pid, driver_started_at)
                VALUES (?, ?, ?, 'running', ?, ?, ?)
                """,
                [
                    run.id, run.trigger, run.judged, run.startedAt.milliseconds, run.driver.pid,
                    run.driver.startedAt,
                ])
        }
    }

    /// Records `snapshot`; it replaces what an earlier one said of the same name.
    package func record(_ snapshot: Snapshot, of run: String) async throws(HistoryError) {
        try await access.write { connection in
            let number = try connection.numberOfRunning(run)
            for (project, resolution) in snapshot.revisions {
                try connection.put(resolution, of: project, kind: .head, run: number)
            }
            for (project, resolution) in snapshot.releases {
                try connection.put(resolution, of: project, kind: .release, run: number)
            }
            for (pin, resolution) in snapshot.pins {
                try connection.put(resolution, of: pin.project, kind: .pin, pin: pin.revision, run: number)
            }
            for (variant, environment) in snapshot.environments {
                try connection.perform(
                    "INSERT OR REPLACE INTO environments (run, variant, environment) VALUES (?, ?, ?)",
                    [number, variant, environment])
            }
        }
    }

    /// Records that the run `id` ended, with all that follows; a time before its start counts as its start.
    ///
    /// Either all of `verdicts` is recorded, or nothing and the run stays open: when it has ended, its notices are in
    /// the outbox.
    ///
    /// - Throws: `contradiction` if the run has ended, or if a transition does not begin at the job's verdict.
    package func finishRun(
        _ id: String, at time: Date, with verdicts: RunVerdicts = RunVerdicts()
    ) async throws(HistoryError) {
        let now = access.clock()
        try await access.write(durably: true) { connection in
            let number = try connection.numberOfRunning(id)
            try connection.put(verdicts.jobs, verdicts.transitions, of: id)
            try connection.putFingerprints(ofRun: number)
            if let judge = verdicts.judge { try connection.store(judge) }
            try connection.put(verdicts.entries, at: now)
            for (index, event) in verdicts.events.enumerated() {
                try connection.perform(
                    "INSERT INTO run_messages (run, n, kind, project, variant, lane, message) VALUES (?, ?, ?, ?, ?, ?, ?)",
                    StatementArguments(
                        [number, index, event.kind.rawValue] + event.job.columns + [JSON.text(event)]))
            }
            try connection.perform(
                "UPDATE runs SET state = 'finished', finished_at = max(started_at, ?) WHERE seq = ?",
                [time.milliseconds, number])
        }
    }
}

/// What a resolved name of a snapshot was.
enum SnapshotKind: String, CaseIterable {
    case head
    case release
    case pin
}

extension Database {
    /// The number of a run that has not ended.
    func numberOfRunning(_ run: String) throws -> Int64 {
        guard let row = try row("SELECT seq, state FROM runs WHERE id = ?", [run]) else {
            throw HistoryError.notRecorded("run", run)
        }
        let state: RunState = try row.word("state")
        guard state == .running else {
            throw HistoryError(.contradiction, "the run `\(run)` is \(state.rawValue) and takes no more records")
        }
        return row["seq"]
    }

    fileprivate func put(
        _ resolution: Resolution, of project: String, kind: SnapshotKind, pin: String = "", run: Int64
    ) throws {
        let found: [(any DatabaseValueConvertible)?]
        switch resolution {
        case .source(let source): found = try [number(of: source, project: project), nil, nil]
        case .failed(let reason, let detail): found = [nil, reason.rawValue, detail]
        }
        try perform(
            """
            INSERT OR REPLACE INTO snapshot_revisions (run, kind, project, pin, source, reason, detail)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """, StatementArguments([run, kind.rawValue, project, pin] + found))
    }
}
