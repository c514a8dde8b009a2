// SPDX-License-Identifier: Apache-2.0

/// The result of one check of `canary doctor`.
package struct HealthCheck: Hashable, Sendable {
    /// How bad it is.
    package enum Level: String, CaseIterable, Sendable {
        /// Nothing is wrong.
        case ok
        /// It works, but not as it should.
        case warning
        /// Runs fail, or give wrong results.
        case error
    }

    /// What was checked, in one word; `remote imath` in two.
    package let name: String
    /// How bad it is.
    package let level: Level
    /// What was found, lower case, without a final stop.
    package let text: String
    /// What to do about it.
    package let hint: String?

    /// Makes a result.
    package init(_ name: String, _ level: Level, _ text: String, hint: String? = nil) {
        self.name = name
        self.level = level
        self.text = text
        self.hint = hint
    }

    /// The result that nothing is wrong.
    package static func ok(_ name: String, _ text: String) -> HealthCheck { HealthCheck(name, .ok, text) }
}
