// SPDX-License-Identifier: Apache-2.0

/// How a build or a job ended.
package enum Result: String, CaseIterable, Codable, Sendable {
    case passed
    case failed
    /// Infrastructure: no evidence about the code.
    case error
    /// A time limit was exceeded.
    case timedOut
    /// A required upstream is red and has no last known good.
    case blocked
    /// The plan decided not to build it.
    case skipped
    case cancelled

    /// Whether this counts as breakage, for which `run` exits with 1.
    package var isFailure: Bool { self == .failed || self == .timedOut }

    /// What happened, to follow the name of what ended so: `failed`, `timed out`.
    package var phrase: String {
        switch self {
        case .passed, .failed: rawValue
        case .error: "ended in an error"
        case .timedOut: "timed out"
        case .blocked: "could not run"
        case .skipped: "did not run"
        case .cancelled: "did not finish"
        }
    }
}

/// Whose fault an outcome is.
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
    /// The same inputs again after a failure.
    case rerun
    /// The same inputs again after a pass that would close an episode.
    case confirm
    /// The last known good inputs, rebuilt clean.
    case control
    /// A probe of a search.
    case probe
    /// `run --force`.
    case forced
}

/// The state of an attempt; how it ended is an `Outcome`.
package enum AttemptState: String, CaseIterable, Codable, Sendable {
    case queued
    case running
    case finished
    /// Canary ended before it did; it is not evidence.
    case interrupted
}
