// SPDX-License-Identifier: Apache-2.0

/// Why an environment could not be resolved, or an attempt not be started.
package struct RunnerFailure: Error, Hashable, CustomStringConvertible {
    /// The reason that the jobs or the attempt end with.
    package let reason: ReasonCode
    /// The details from the backend.
    package let detail: String

    /// Makes a failure.
    package init(reason: ReasonCode, detail: String) {
        self.reason = reason
        self.detail = detail
    }

    package var description: String { "\(reason.sentence): \(detail)" }
}
