// SPDX-License-Identifier: Apache-2.0

package import CanaryModel
import Foundation

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
