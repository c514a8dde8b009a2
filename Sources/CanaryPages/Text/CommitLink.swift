// SPDX-License-Identifier: Apache-2.0

import CanaryText

/// A commit as a page names it.
struct CommitLink: Hashable, Sendable {
    /// The first ten digits.
    let short: String
    /// The forge's page of it.
    let url: String?

    init(_ revision: String, on forge: ForgeLink?) {
        short = revision.shortRevision
        url = forge?.commit(revision)
    }
}
