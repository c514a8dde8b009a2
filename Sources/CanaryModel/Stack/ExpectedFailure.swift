// SPDX-License-Identifier: Apache-2.0

package import Foundation

/// A failure that the manifest declares: it is not reported until its end date, but an unexpected pass is.
package struct ExpectedFailure: Hashable, Sendable {
    /// The variant it is about; nil means all.
    package let variant: String?
    /// The lane it is about; nil means all.
    package let lane: Lane?
    /// Where it is discussed.
    package let issue: String
    /// Why it is expected.
    package let reason: String
    /// When it is reported again.
    package let until: Date
    /// A regular expression that the first error must match; nil matches every error.
    package let match: String?

    /// Makes a declaration.
    package init(variant: String?, lane: Lane?, issue: String, reason: String, until: Date, match: String?) {
        self.variant = variant
        self.lane = lane
        self.issue = issue
        self.reason = reason
        self.until = until
        self.match = match
    }

    /// Whether it applies to `job` at `date`.
    package func covers(_ job: JobID, at date: Date) -> Bool {
        (variant ?? job.variant) == job.variant && (lane ?? job.lane) == job.lane && date < until
    }

    /// Whether `outcome` is the expected failure: a failure with a matching first error.
    package func matches(_ outcome: Outcome) -> Bool {
        guard outcome.result.isFailure else { return false }
        guard let match else { return true }
        // The manifest reader rejects patterns that are not regular expressions.
        guard let text = outcome.firstError?.text, let pattern = try? Regex(match) else { return false }
        return text.contains(pattern)
    }
}

extension Stack {
    /// The issue of the expected failure that `outcome` of `job` matches, or despite which it passed; nil when there is none.
    ///
    /// Other failures, and results that are not evidence, give nil.
    package func expectedIssue(of job: JobID, endingIn outcome: Outcome, at date: Date) -> String? {
        let declared = graph[job.project]?.expectedFailures.filter { $0.covers(job, at: date) } ?? []
        if outcome.result == .passed { return declared.first?.issue }
        return declared.first { $0.matches(outcome) }?.issue
    }
}
