// SPDX-License-Identifier: Apache-2.0

package import Foundation

/// A failure declared in the manifest: no news until its end date; its unexpected pass is.
package struct ExpectedFailure: Hashable, Sendable {
    /// The variant it is about; nil means all.
    package let variant: String?
    /// The lane it is about; nil means all.
    package let lane: Lane?
    /// Where it is discussed.
    package let issue: String
    /// Why it is expected.
    package let reason: String
    /// The first instant at which it is news again.
    package let until: Date
    /// A regular expression the first error must match; nil matches any.
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

    /// Whether it speaks of `job` at `date`.
    package func covers(_ job: JobID, at date: Date) -> Bool {
        (variant ?? job.variant) == job.variant && (lane ?? job.lane) == job.lane && date < until
    }

    /// Whether `outcome` is the failure that is expected: a failure of the change, with a first error that matches.
    package func matches(_ outcome: Outcome) -> Bool {
        guard outcome.result.isFailure else { return false }
        guard let match else { return true }
        // A pattern that is no regular expression was refused with its manifest.
        guard let text = outcome.firstError?.text, let pattern = try? Regex(match) else { return false }
        return text.contains(pattern)
    }
}

extension Stack {
    /// The issue of the expected failure that `outcome` of `job` met, or that it passed in spite of; nil when nothing of
    /// the kind was declared.
    ///
    /// A failure other than the declared one gives nil, as do results that are no evidence.
    package func expectedIssue(of job: JobID, endingIn outcome: Outcome, at date: Date) -> String? {
        let declared = graph[job.project]?.expectedFailures.filter { $0.covers(job, at: date) } ?? []
        if outcome.result == .passed { return declared.first?.issue }
        return declared.first { $0.matches(outcome) }?.issue
    }
}
