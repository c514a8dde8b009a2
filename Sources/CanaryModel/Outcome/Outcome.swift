// SPDX-License-Identifier: Apache-2.0

/// The outcome of an attempt, or of the build it belongs to.
package struct Outcome: Hashable, Codable, Sendable {
    /// How it ended.
    package let result: Result
    /// The stage it ended in; nil when it passed or never started.
    package let stage: Stage?
    /// Why it did not pass.
    package let reason: ReasonCode?
    /// The first error of the log.
    package let firstError: FirstError?
    /// A hash that failures of the same cause share; nil when it passed.
    package let fingerprint: String?

    /// Makes an outcome.
    package init(
        result: Result, stage: Stage? = nil, reason: ReasonCode? = nil, firstError: FirstError? = nil,
        fingerprint: String? = nil
    ) {
        self.result = result
        self.stage = stage
        self.reason = reason
        self.firstError = firstError
        self.fingerprint = fingerprint
    }

    /// A pass.
    package static let passed = Outcome(result: .passed)

    /// The outcome of an attempt that ended in `stage` for `reason`.
    package static func ended(
        in stage: Stage, reason: ReasonCode, firstError: FirstError? = nil, fingerprint: String? = nil
    ) -> Outcome {
        Outcome(result: reason.result, stage: stage, reason: reason, firstError: firstError, fingerprint: fingerprint)
    }

    /// Whose fault it is; nil when there is no reason.
    package var fault: Fault? { reason?.fault }
}

/// The first error of a log.
package struct FirstError: Hashable, Codable, Sendable {
    /// The line without escape sequences, at most 500 characters.
    package let text: String
    /// The file that it names, relative to the source or as `upstream:path`, otherwise as printed.
    package let file: String?
    /// The line in that file.
    package let line: Int?

    /// Makes a first error.
    package init(text: String, file: String? = nil, line: Int? = nil) {
        self.text = text
        self.file = file
        self.line = line
    }
}
