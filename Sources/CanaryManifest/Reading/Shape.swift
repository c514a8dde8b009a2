// SPDX-License-Identifier: Apache-2.0

import CanaryText

/// The keys one kind of mapping may hold; the JSON Schemas in `manifests/schema` have one object for each.
struct Shape: Sendable {
    /// The kinds of files.
    enum Document: String, CaseIterable, Sendable {
        case stack
        case project
        case images
    }

    let document: Document
    /// The definition's name in the schema; nil is the whole document.
    let name: String?
    let keys: [String]

    init(_ document: Document, _ name: String? = nil, keys: [String]) {
        self.document = document
        self.name = name
        self.keys = keys
    }

    static let all: [Shape] =
        [.stack, .variant, .backup, .keep, .stackLimits, .policy, .pageAfter, .orAfter]
        + NotifyKind.allCases.map(\.shape)
        + [.project, .upstream, .provides, .cmake, .stage, .projectVariant, .projectLimits, .hold, .expectedFailure]
        + [.image]
}
