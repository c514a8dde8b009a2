// SPDX-License-Identifier: Apache-2.0

package import CanaryHistory
import CanaryJudge
package import CanaryModel
import CanaryText
import Foundation

/// `canary.history/1` of all runs, newest first.
package struct RunsDocument: Document {
    struct Entry: Encodable, Sendable {
        let run: String
        let trigger: String
        let judged: Bool
        let state: String
        let startedAt: Date
        let finishedAt: Nullable<Date>
        let results: [String: Int]
    }

    package let schema = "canary.history/1"
    let runs: [Entry]

    /// The document of `runs`.
    package init(_ runs: [RunSummary]) {
        self.runs = runs.map { run in
            Entry(
                run: run.start.id, trigger: run.start.trigger, judged: run.start.judged, state: run.state.rawValue,
                startedAt: run.start.startedAt, finishedAt: Nullable(run.finishedAt),
                results: Dictionary(uniqueKeysWithValues: run.results.map { ($0.key.rawValue, $0.value) }))
        }
    }
}

/// `canary.history/1` of jobs, newest first.
package struct JobHistoryDocument: Document {
    struct Entry: Encodable, Sendable {
        let job: String
        let run: String
        let at: Date
        let judged: Bool
        let action: String
        let reason: JobFields.Reason
        let result: Nullable<String>
        let flaky: Bool
        let revision: Nullable<String>
        let key: Nullable<String>
        let verdict: String
    }

    package let schema = "canary.history/1"
    let entries: [Entry]

    /// The document of `entries`.
    package init(_ entries: [(job: JobID, entry: JobHistoryEntry)]) {
        self.entries = entries.map { job, entry in
            Entry(
                job: job.description, run: entry.run, at: entry.at, judged: entry.judged,
                action: entry.action.rawValue,
                reason: JobFields.Reason(code: entry.reason.code.rawValue, detail: entry.reason.detail),
                result: Nullable(entry.result?.rawValue), flaky: entry.flaky, revision: Nullable(entry.revision),
                key: Nullable(entry.key), verdict: entry.verdict.rawValue)
        }
    }
}
