// SPDX-License-Identifier: Apache-2.0

package import CanaryModel
package import Foundation

/// What is held of a job, after debounce.
package enum Verdict: String, CaseIterable, Codable, Sendable {
    /// No evidence yet.
    case unknown
    case passing
    /// It failed; not yet news.
    case suspected
    /// It failed long enough, on enough heads, and its control passes.
    case broken
}

/// What one input set said of a job (rules.md 1).
package enum Evidence: String, CaseIterable, Codable, Sendable {
    case pass
    case fail
    /// It failed and passed on the same inputs.
    case flaky
    /// Infrastructure, blocked, skipped, cancelled.
    case none

    /// What `finished` says.
    package init(of finished: FinishedBuild) {
        switch finished.outcome.result {
        case .passed: self = finished.flaky ? .flaky : .pass
        case .failed, .timedOut: self = .fail
        case .error, .blocked, .skipped, .cancelled: self = .none
        }
    }
}

/// Where a job stands.
package struct JobStatus: Hashable, Sendable {
    /// The verdict.
    package let verdict: Verdict
    /// Since when it holds: the start of the run that brought it; nil while unknown from the beginning.
    package let since: Date?
    /// The open episode, while suspected or broken.
    package let episode: String?

    /// Makes a standing.
    package init(verdict: Verdict, since: Date?, episode: String?) {
        self.verdict = verdict
        self.since = since
        self.episode = episode
    }

    /// The standing of a job nothing is known of.
    package static let unknown = JobStatus(verdict: .unknown, since: nil, episode: nil)
}
