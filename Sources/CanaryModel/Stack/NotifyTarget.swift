// SPDX-License-Identifier: Apache-2.0

/// One receiver of notices.
package struct NotifyTarget: Hashable, Sendable {
    /// How a webhook's body is written.
    package enum WebhookFormat: String, CaseIterable, Sendable {
        case json
        case slack
        case discord
    }

    /// How notices are sent.
    ///
    /// Secrets are given by the name of an environment variable, never by value.
    package enum Kind: Hashable, Sendable {
        /// An HTTP POST to the address in the variable `urlVariable`.
        case webhook(format: WebhookFormat, urlVariable: String)
        /// One issue for each episode in `repository` (`owner/name`).
        case githubIssue(repository: String, tokenVariable: String)
        /// A commit status on a confirmed culprit in `repository` (`owner/name`).
        case githubStatus(repository: String, tokenVariable: String)
        /// A program with the notice as JSON on its standard input.
        case command([String])
        /// A file that gets one line of JSON for each notice, relative to the folder of the stack.
        case file(String)
    }

    /// The name the outbox records.
    package let name: String
    /// How it is sent.
    package let kind: Kind
    /// The projects that it gets notices about; empty means all.
    package let projects: [String]

    /// Makes a receiver.
    package init(name: String, kind: Kind, projects: [String] = []) {
        self.name = name
        self.kind = kind
        self.projects = projects
    }
}
