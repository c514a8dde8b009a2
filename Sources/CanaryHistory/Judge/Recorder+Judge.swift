// SPDX-License-Identifier: Apache-2.0

package import CanaryJudge
import GRDB

extension Recorder {
    /// Stores what the judge learned between runs, together with `entries` in the outbox.
    package func store(_ judge: JudgeState, adding entries: [OutboxEntry]) async throws(HistoryError) {
        let now = access.clock()
        try await access.write(durably: true) { connection in
            try connection.store(judge)
            try connection.put(entries, at: now)
        }
    }
}
