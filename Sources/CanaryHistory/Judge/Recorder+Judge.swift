// SPDX-License-Identifier: Apache-2.0

package import CanaryJudge
import GRDB

extension Recorder {
    /// Records what a search found about an episode: its culprit, what the judge learned, and `entries` in the outbox.
    ///
    /// - Parameters:
    ///   - culprit: nil takes back an earlier one.
    ///   - judge: nil if the judge learned nothing.
    /// - Returns: false, and nothing is written, if the episode is not open.
    package func record(
        _ culprit: EpisodeCulprit?, ofEpisode id: String, judge: JudgeState?, adding entries: [OutboxEntry]
    ) async throws(HistoryError) -> Bool {
        let now = access.clock()
        return try await access.write(durably: true) { connection in
            try connection.perform(
                "UPDATE episodes SET culprit = ? WHERE id = ? AND closed_at IS NULL",
                [culprit.map { try JSON.text($0) }, id])
            guard connection.changesCount == 1 else { return false }
            if let judge { try connection.store(judge) }
            try connection.put(entries, at: now)
            return true
        }
    }
}
