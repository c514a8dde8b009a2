// SPDX-License-Identifier: Apache-2.0

package import Foundation

/// What a request is for.
package enum RequestKind: String, CaseIterable, Sendable {
    case run
    case attempt = "try"
    case search = "bisect"
    case cancel
}

/// The state of a request, which only moves forward.
package enum RequestState: String, CaseIterable, Sendable {
    case waiting
    case running
    case finished
    /// It could not be done; `RequestRecord.detail` says why.
    case failed
    case cancelled

    /// Whether it is the last state.
    package var isOver: Bool { self != .waiting && self != .running }
}

/// A request as it is put into the inbox.
package struct RequestStart: Hashable, Sendable {
    /// Its id, `q...`; never used again.
    package let id: String
    /// What it is for.
    package let kind: RequestKind
    /// What is requested, a JSON object; the engine decides what it may contain.
    package let body: String
    /// Where it came from: `http`, or the verb of a command.
    package let origin: String
    /// When it was made.
    package let askedAt: Date

    /// Makes a request.
    package init(id: String, kind: RequestKind, body: String, origin: String, askedAt: Date) {
        self.id = id
        self.kind = kind
        self.body = body
        self.origin = origin
        self.askedAt = askedAt
    }
}

/// A request and what came of it.
package struct RequestRecord: Hashable, Sendable {
    /// What was asked.
    package let start: RequestStart
    /// Its state.
    package let state: RequestState
    /// When work on it began; nil before.
    package let startedAt: Date?
    /// When it ended; nil before.
    package let endedAt: Date?
    /// The run it became; nil before, and for what becomes none.
    package let run: String?
    /// Why it failed, or what came of it; nil where there is nothing to say.
    package let detail: String?
    /// What came of it for the verb that made it, a JSON value; nil where that is a run, or nothing.
    package var result: String?
}
