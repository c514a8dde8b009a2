// SPDX-License-Identifier: Apache-2.0

package import CanaryJudge
import CanaryModel
import CanaryText
import Foundation

/// `canary.replay/1`: the notices that the policy would have sent for a trace.
package struct ReplayDocument: Document {
    package let schema = "canary.replay/1"
    let attempts: Int
    let messages: [SentFields]

    struct SentFields: Encodable, Sendable {
        let at: Date
        let kind: String
        let job: String
        let jobs: [String]
        let upstream: Nullable<String>
    }

    /// The document of `replay`.
    package init(_ replay: Replay) {
        attempts = replay.attempts
        messages = replay.sent.map { sent in
            SentFields(
                at: sent.at, kind: sent.event.kind.rawValue, job: sent.event.job.description,
                jobs: sent.event.jobs.map(\.description), upstream: Nullable(sent.event.upstream))
        }
    }
}
