// SPDX-License-Identifier: Apache-2.0

/// What is done about a job.
package enum Action: String, CaseIterable, Codable, Sendable {
    case build
    /// A stored result stands for it.
    case reuse
    /// A required upstream is red and has no last known good.
    case blocked
    /// Decided not to build.
    case skip
}

/// Why an action was chosen.
package enum DecisionCode: String, CaseIterable, Codable, Sendable {
    case neverBuilt = "never-built"
    case headMoved = "head-moved"
    case upstreamChanged = "upstream-changed"
    case recipeChanged = "recipe-changed"
    case imageChanged = "image-changed"
    /// The same key, and no result that may be used again.
    case again
    case confirm
    case control
    case probe
    case forced
    case unchanged
    /// Upstreams were built anew and installed the same trees.
    case cutOff = "cut-off"
    /// Only ignored paths changed.
    case ignoredPaths = "ignored-paths"
    case notSelected = "not-selected"
    /// The day's build hours are used up.
    case budget
    case held
    case upstreamRed = "upstream-red"
}

/// Why an action was chosen, with what it was about.
package struct DecisionReason: Hashable, Codable, Sendable {
    /// The code.
    package let code: DecisionCode
    /// One phrase for people.
    package let detail: String

    /// Makes a reason.
    package init(_ code: DecisionCode, _ detail: String) {
        self.code = code
        self.detail = detail
    }
}
