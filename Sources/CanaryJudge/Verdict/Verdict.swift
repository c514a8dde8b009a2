// SPDX-License-Identifier: Apache-2.0

package import CanaryModel
package import Foundation

/// What is believed about a job, after debounce.
package enum Verdict: String, CaseIterable, Codable, Sendable {
    /// No evidence yet.
    case unknown
    case passing
    /// It failed, but not long enough to be reported.
    case suspected
    /// It failed for long enough, on enough different inputs, and its control passes.
    case broken
}

/// What the attempts on one set of inputs say about a job.
package enum Evidence: String, CaseIterable, Codable, Sendable {
    case pass
    case fail
    /// It failed and passed on the same inputs.
    case flaky
    /// Nothing: an infrastructure error, or blocked, skipped or cancelled.
    case none

    /// The evidence that `finished` gives.
    package init(of finished: FinishedBuild) {
        switch finished.outcome.result {
        case .passed: self = finished.flaky ? .flaky : .pass
        case .failed, .timedOut: self = .fail
        case .error, .blocked, .skipped, .cancelled: self = .none
        }
    }
}

/// The verdict of a job, and its open episode.
package struct JobStatus: Hashable, Sendable {
    /// The verdict.
    package let verdict: Verdict
    /// The start of the run that changed it; nil if it was never changed.
    package let since: Date?
    /// The open episode, while suspected or broken.
    package let episode: String?

    /// The status of a job that is not known.
    package static let unknown = JobStatus(verdict: .unknown, since: nil, episode: nil)
}
