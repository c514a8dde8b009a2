// SPDX-License-Identifier: Apache-2.0

import CanaryEngine
package import CanaryHistory
package import CanaryModel
package import Foundation

/// Puts requests into the inbox of the process that holds the state folder.
package struct RequestQueue: Sendable {
    private let stack: Stack
    private let inbox: RequestInbox
    private let now: @Sendable () -> Date

    /// Puts requests into `inbox`.
    package init(stack: Stack, inbox: RequestInbox, now: @escaping @Sendable () -> Date = { Date() }) {
        self.stack = stack
        self.inbox = inbox
        self.now = now
    }

    /// Checks the request body `text` and puts it into the inbox.
    ///
    /// - Parameters:
    ///   - origin: `http`, or the verb of a command.
    ///   - isTrusted: see `RequestBody.init`.
    /// - Returns: the id of the request; nil if too many are waiting.
    /// - Throws: `EngineError` `badRequest`, `HistoryError`.
    package func ask(_ text: String, origin: String, isTrusted: Bool) async throws -> String? {
        let body = try RequestBody(text, for: stack, isTrusted: isTrusted)
        let at = now()
        let id = Identifier.make(.request, at: at)
        let start = RequestStart(id: id, kind: body.kind, body: text, origin: origin, askedAt: at)
        return try await inbox.ask(start) ? id : nil
    }
}
