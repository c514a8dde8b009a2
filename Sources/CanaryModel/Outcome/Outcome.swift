// SPDX-License-Identifier: Apache-2.0

/// What one attempt, or the build it belongs to, ended with.
package struct Outcome: Hashable, Codable, Sendable {
    /// How it ended.
    package let result: Result
    /// The stage it ended in; nil when it passed or never began.
    package let stage: Stage?
    /// Why it did not pass.
    package let reason: ReasonCode?
    /// The first error of the log.
    package let firstError: FirstError?
    /// What failures of one cause share; nil when it passed.
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

    /// What `reason` alone makes of an attempt that ended in `stage`.
    package static func ended(
        in stage: Stage, reason: ReasonCode, firstError: FirstError? = nil, fingerprint: String? = nil
    ) -> Outcome {
        Outcome(result: reason.result, stage: stage, reason: reason, firstError: firstError, fingerprint: fingerprint)
    }

    /// Whose it is; nil when there is no reason.
    package var fault: Fault? { reason?.fault }
}

/// The first error a log speaks of.
package struct FirstError: Hashable, Codable, Sendable {
    /// The line, without escapes, at most 500 characters.
    package let text: String
    /// The file it names, relative to the source or as `upstream:path`, else as printed.
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
