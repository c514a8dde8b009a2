// SPDX-License-Identifier: Apache-2.0

/// What the policy would tell people about a job.
package struct Message: Hashable, Codable, Sendable {
    /// What it is about.
    package enum Kind: String, CaseIterable, Codable, Sendable {
        /// It failed and passed on the same inputs.
        case flaky
        /// It failed for the first time since it passed.
        case suspected
        /// It passes again, and nobody had been paged.
        case healed
    }

    /// How soon somebody should read it.
    package enum Urgency: String, CaseIterable, Codable, Sendable {
        /// Now.
        case page
        /// With the daily digest.
        case digest
    }

    /// What it is about.
    package let kind: Kind
    /// The job.
    package let job: JobID

    /// Makes a message.
    package init(kind: Kind, job: JobID) {
        self.kind = kind
        self.job = job
    }

    /// How soon somebody should read it: nothing here is worth waking somebody.
    package var urgency: Urgency {
        switch kind {
        case .flaky, .suspected, .healed: .digest
        }
    }

    /// What `judgement` on `evidence` of `job`, which stood at `verdict`, tells; nil when it is no news.
    package init?(job: JobID, verdict: Verdict, evidence: Evidence, judgement: Judgement) {
        switch (verdict, evidence, judgement) {
        case (_, .flaky, _): self.init(kind: .flaky, job: job)
        case (_, _, .becomes(.suspected)): self.init(kind: .suspected, job: job)
        case (.suspected, _, .becomes(.passing)): self.init(kind: .healed, job: job)
        default: return nil
        }
    }
}
