// SPDX-License-Identifier: Apache-2.0

/// Accepts the requests that arrive over HTTP.
package struct Inbox: Sendable {
    /// The decision about a request.
    package enum Answer: Sendable {
        /// It is queued under this id.
        case accepted(String)
        /// It is malformed, or names something that does not exist.
        case refused(String, hint: String?)
        /// Too many requests are queued.
        case full
    }

    /// Decodes a JSON text and queues the request in history.
    let submit: @Sendable (_ body: String) async throws -> Answer

    /// Creates an inbox that calls `submit` for each body.
    package init(submit: @escaping @Sendable (_ body: String) async throws -> Answer) { self.submit = submit }
}
