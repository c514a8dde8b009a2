// SPDX-License-Identifier: Apache-2.0

/// Where requests over HTTP go.
package struct Inbox: Sendable {
    /// What became of a request.
    package enum Answer: Sendable {
        /// It waits under this id.
        case taken(String)
        /// It asks for what does not exist or cannot be.
        case refused(String, hint: String?)
        /// Too many wait.
        case full
    }

    /// Reads a JSON text, and puts what it asks for into history.
    let ask: @Sendable (_ body: String) async throws -> Answer

    /// Takes requests with `ask`.
    package init(ask: @escaping @Sendable (_ body: String) async throws -> Answer) { self.ask = ask }
}
