// SPDX-License-Identifier: Apache-2.0

/// What a run does about a job.
package enum Action: String, CaseIterable, Codable, Sendable {
    case build
    /// A stored result is used.
    case reuse
    /// A required upstream is red and has no last known good.
    case blocked
    /// It is not built.
    case skip
}

/// Why an action was chosen.
package enum DecisionCode: String, CaseIterable, Codable, Sendable {
    case neverBuilt = "never-built"
    case headMoved = "head-moved"
    case upstreamChanged = "upstream-changed"
    case recipeChanged = "recipe-changed"
    case imageChanged = "image-changed"
    /// The key is the same, but its result cannot be reused.
    case again
    case confirm
    case control
    case probe
    case forced
    case unchanged
    /// Upstreams were rebuilt and installed the same trees.
    case cutOff = "cut-off"
    /// Only ignored paths changed.
    case ignoredPaths = "ignored-paths"
    case notSelected = "not-selected"
    /// Known to be broken, on the same inputs, and built within the last day.
    case stillBroken = "still-broken"
    /// The day's build hours are used up.
    case budget
    case held
    case upstreamRed = "upstream-red"
}

/// Why an action was chosen, in detail.
package struct DecisionReason: Hashable, Codable, Sendable {
    /// The code.
    package let code: DecisionCode
    /// One phrase for people, without a final full stop.
    package let detail: String

    /// Makes a reason.
    package init(_ code: DecisionCode, _ detail: String) {
        self.code = code
        self.detail = detail
    }
}
