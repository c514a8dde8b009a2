// SPDX-License-Identifier: Apache-2.0

package import CanaryBisection
import CanaryModel
package import Foundation
import GRDB

/// Records searches and their probes.
package struct SearchRecorder: Sendable {
    let access: WriteAccess

    /// Records that a search begins.
    package func begin(_ search: SearchStart, settings: SearchSettings) async throws(HistoryError) {
        try await access.write { connection in
            let within = try search.within.map { try connection.number(of: $0, in: .searches) }
            try connection.perform(
                """
                INSERT INTO searches
                    (id, kind, question, project, variant, lane, within, subject, settings, began_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
                [
                    search.id, search.kind.rawValue, search.question, search.job?.project, search.job?.variant,
                    search.job?.lane.rawValue, within, JSON.text(search.subject), JSON.text(settings),
                    search.beganAt.milliseconds,
                ])
        }
    }

    /// Records new settings of a search, and that it is open again.
    package func resume(search id: String, settings: SearchSettings) async throws(HistoryError) {
        try await access.write { connection in
            try connection.perform(
                "UPDATE searches SET settings = ?, ended_at = NULL WHERE seq = ?",
                [JSON.text(settings), connection.number(of: id, in: .searches)])
        }
    }

    /// Records an answer; the first one with its number counts.
    ///
    /// It survives the death of this process as soon as this returns.
    package func record(_ probe: ProbeRecord, of search: String) async throws(HistoryError) {
        try await access.write { connection in
            let attempt = try probe.attempt.map { try connection.number(of: $0, in: .attempts) }
            let point = probe.probe.point
            try connection.perform(
                """
                INSERT OR IGNORE INTO probes
                    (search, n, phase, prefix, ahead, answer, reused, began_at, seconds, exit_code, attempt)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
                [
                    connection.number(of: search, in: .searches), probe.probe.n, probe.probe.phase.rawValue,
                    point.prefix, point.ahead, probe.probe.answer.rawValue, probe.probe.reused,
                    probe.beganAt.milliseconds, max(0, probe.seconds), probe.exitCode, attempt,
                ])
        }
    }

    /// Records that a search has its verdict.
    package func end(search id: String, at date: Date) async throws(HistoryError) {
        try await access.write { connection in
            try connection.perform(
                "UPDATE searches SET ended_at = max(began_at, ?) WHERE seq = ?",
                [date.milliseconds, connection.number(of: id, in: .searches)])
        }
    }

    /// Records new settings of `search`, which is then open again; returns it with them.
    package func resumed(
        _ search: SearchRecord, with settings: SearchSettings
    ) async throws(HistoryError) -> SearchRecord {
        try await resume(search: search.start.id, settings: settings)
        return SearchRecord(start: search.start, settings: settings, probes: search.probes)
    }

    /// Records that `search` ends because its base fails although good passes.
    package func end(_ search: SearchRecord, by bad: BadBase, at date: Date) async throws(HistoryError) {
        var settings = search.settings
        (settings.fork, settings.options.isBaseBad) = (bad, true)
        try await resume(search: search.start.id, settings: settings)
        try await end(search: search.start.id, at: date)
    }
}
