// SPDX-License-Identifier: Apache-2.0

extension Outcome {
    /// Whether it says nothing about the code: an infrastructure error, except a wrong or unused upstream, which would
    /// not change.
    package var isSpoiled: Bool {
        result == .error && reason != .inspectWrongUpstream && reason != .inspectUnusedUpstream
    }

    /// Whether a retry may help soon.
    package var isWorthRetry: Bool { isSpoiled && reason?.isWorthRetry != false }
}

extension Snapshot {
    /// How many names could not be resolved.
    package var failures: Int {
        [revisions.values.map(\.source), releases.values.map(\.source), pins.values.map(\.source)]
            .joined().count { $0 == nil }
    }
}

extension PlanInput {
    /// `knowledge` with the prefixes of the finished builds.
    package var knowledgeNow: Knowledge {
        var knowledge = knowledge
        for (key, build) in finished { if let tree = build.tree { knowledge.prefixes[key] = tree } }
        return knowledge
    }
}
