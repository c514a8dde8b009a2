// SPDX-License-Identifier: Apache-2.0

/// How a build or a job ended.
package enum Result: String, CaseIterable, Codable, Sendable {
    case passed
    case failed
    /// Infrastructure: no evidence about the code.
    case error
    /// A limit of time ran out.
    case timedOut
    /// A required upstream is red and has no last known good.
    case blocked
    /// Decided not to build.
    case skipped
    case cancelled

    /// Whether this is breakage: what `run` reports with exit status 1.
    package var isFailure: Bool { self == .failed || self == .timedOut }
}

/// Whose a bad outcome is.
package enum Fault: String, CaseIterable, Codable, Sendable {
    /// A commit of the project or of an upstream.
    case change
    /// The machine, the network, the image, the manifest's limits.
    case environment
    case unknown
}

/// Why an attempt was made.
package enum AttemptPurpose: String, CaseIterable, Codable, Sendable {
    case first
    /// The same inputs once more after a failure.
    case rerun
    /// The same inputs once more after a pass that would close an episode.
    case confirm
    /// Last-known-good inputs, rebuilt clean.
    case control
    /// One point of a search.
    case probe
    /// `run --force`.
    case forced
}

/// Where an attempt is in its life; what it ended with is an `Outcome`.
package enum AttemptState: String, CaseIterable, Codable, Sendable {
    case queued
    case running
    case finished
    /// Its driver died; whatever it did is no evidence.
    case interrupted
}
