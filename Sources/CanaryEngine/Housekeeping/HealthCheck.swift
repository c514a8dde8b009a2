// SPDX-License-Identifier: Apache-2.0

/// What was found about one thing that a run needs.
package struct HealthCheck: Hashable, Sendable {
    /// How bad it is.
    package enum Level: String, CaseIterable, Sendable {
        case ok
        /// It works, but not as it should.
        case warning
        /// Runs fail, or tell what is not so.
        case error
    }

    /// What was looked at, in one word, `remote imath` alone in two.
    package let name: String
    /// How bad it is.
    package let level: Level
    /// What was found, lower case, without a final stop.
    package let text: String
    /// What to do about it.
    package let hint: String?

    /// Makes a finding.
    package init(_ name: String, _ level: Level, _ text: String, hint: String? = nil) {
        self.name = name
        self.level = level
        self.text = text
        self.hint = hint
    }

    /// A finding that nothing is wrong.
    package static func ok(_ name: String, _ text: String) -> HealthCheck { HealthCheck(name, .ok, text) }
}
