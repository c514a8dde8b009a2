// SPDX-License-Identifier: Apache-2.0

/// One receiver of notices.
package struct NotifyTarget: Hashable, Sendable {
    /// How a webhook's body is written.
    package enum WebhookFormat: String, CaseIterable, Sendable {
        case json
        case slack
        case discord
    }

    /// How the notice leaves the house.
    ///
    /// Secrets are named by environment variable, never held.
    package enum Kind: Hashable, Sendable {
        /// An HTTP POST to the address in the variable `urlVariable`.
        case webhook(format: WebhookFormat, urlVariable: String)
        /// One issue per episode in `repository` (`owner/name`).
        case githubIssue(repository: String, tokenVariable: String)
        /// A commit status on a confirmed culprit in `repository` (`owner/name`).
        case githubStatus(repository: String, tokenVariable: String)
        /// A program with the notice as JSON on its standard input.
        case command([String])
        /// A file that gets one JSON line a notice, relative to the stack's folder.
        case file(String)
    }

    /// The name the outbox records.
    package let name: String
    /// How it is sent.
    package let kind: Kind
    /// The projects whose notices it gets; empty means all.
    package let projects: [String]

    /// Makes a receiver.
    package init(name: String, kind: Kind, projects: [String] = []) {
        self.name = name
        self.kind = kind
        self.projects = projects
    }
}
