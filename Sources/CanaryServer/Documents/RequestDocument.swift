// SPDX-License-Identifier: Apache-2.0

package import CanaryHistory
import CanaryText
import Foundation

/// `canary.request/1`: a request to the daemon, and its result.
package struct RequestDocument: Document {
    package let schema = "canary.request/1"
    let request: String
    let kind: String
    let origin: String
    let state: String
    let askedAt: Date
    let startedAt: Nullable<Date>
    let endedAt: Nullable<Date>
    let run: Nullable<String>
    let detail: Nullable<String>

    /// The document of `record`.
    package init(_ record: RequestRecord) {
        request = record.start.id
        kind = record.start.kind.rawValue
        origin = record.start.origin
        state = record.state.rawValue
        askedAt = record.start.askedAt
        startedAt = Nullable(record.startedAt)
        endedAt = Nullable(record.endedAt)
        run = Nullable(record.run)
        detail = Nullable(record.detail)
    }
}

/// `canary.problem/1`: why a request over HTTP failed.
package struct ProblemDocument: Document {
    package let schema = "canary.problem/1"
    let status: Int
    let error: String
    let hint: Nullable<String>

    /// The document of an error response.
    package init(status: Int, error: String, hint: String? = nil) {
        self.status = status
        self.error = error
        self.hint = Nullable(hint)
    }
}
