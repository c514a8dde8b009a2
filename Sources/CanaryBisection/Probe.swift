// SPDX-License-Identifier: Apache-2.0

package import CanaryModel
package import CanaryText

/// What a probe is asked for.
package enum SearchPhase: String, CaseIterable, Codable, Sendable {
    /// To find the commit.
    case search
    /// To see whether the base still passes.
    case control
    /// To see whether the commit breaks alone, or which other it needs.
    case isolation
    /// To be sure before anybody is told.
    case confirm
}

/// What a probe said.
package enum ProbeAnswer: String, CaseIterable, Codable, Sendable {
    case pass
    case fail
    /// It cannot be asked there, ever.
    case untestable
    /// Infrastructure: it says nothing.
    case error

    /// What `outcome` of a build says in a search after an episode that failed with `stage` and `fingerprint`.
    ///
    /// Another failure in an earlier stage hides what is searched: there the point is untestable, as it is where an
    /// upstream does not build.
    package init(of outcome: Outcome, stage: Stage? = nil, fingerprint: String? = nil) {
        switch outcome.result {
        case .passed: self = .pass
        case .blocked: self = .untestable
        // It builds, but not from what it should: that is so each time.
        case .error where outcome.reason == .inspectWrongUpstream || outcome.reason == .inspectUnusedUpstream:
            self = .untestable
        case .error, .skipped, .cancelled: self = .error
        case .failed, .timedOut:
            guard let stage, let fingerprint, let failed = outcome.stage else {
                self = .fail
                return
            }
            self = outcome.fingerprint != fingerprint && failed < stage ? .untestable : .fail
        }
    }
}

/// One thing to build for a search.
package struct ProbeRequest: Hashable, Codable, Sendable {
    /// Its number in the search, from 1 without gaps.
    package let n: Int
    /// What it is asked for; all but `search` must be built now, a stored result does not answer them.
    package let phase: SearchPhase
    /// What to build.
    package let point: ProbePoint
    /// How long to wait before it begins, for an outage to pass.
    package let wait: TimeSpan?

    /// The probe that answers this.
    package func answered(_ answer: ProbeAnswer, reused: Bool = false) -> Probe {
        Probe(n: n, phase: phase, point: point, answer: answer, reused: reused)
    }
}

/// An answered request: what a search remembers, and all it needs to be taken up again.
package struct Probe: Hashable, Codable, Sendable {
    /// The number of its request.
    package let n: Int
    /// What it was asked for.
    package let phase: SearchPhase
    /// What was built.
    package let point: ProbePoint
    /// What it said.
    package let answer: ProbeAnswer
    /// Whether a stored result answered it, without a build.
    package let reused: Bool

    /// Makes a probe.
    package init(n: Int, phase: SearchPhase, point: ProbePoint, answer: ProbeAnswer, reused: Bool = false) {
        self.n = n
        self.phase = phase
        self.point = point
        self.answer = answer
        self.reused = reused
    }
}
