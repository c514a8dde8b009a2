// SPDX-License-Identifier: Apache-2.0

package import CanaryModel
package import CanaryText

/// Why a probe is built.
package enum SearchPhase: String, CaseIterable, Codable, Sendable {
    /// To find the commit.
    case search
    /// To check that the base still passes.
    case control
    /// To find out whether the commit breaks alone, or which other commit it needs.
    case isolation
    /// To be sure before anybody is notified.
    case confirm
}

/// The result of a probe.
package enum ProbeAnswer: String, CaseIterable, Codable, Sendable {
    case pass
    case fail
    /// This point can never be tested.
    case untestable
    /// Infrastructure failed: this is no evidence.
    case error

    /// What the `outcome` of a build means for a search about an episode that failed in `stage` with `fingerprint`.
    ///
    /// A different failure in an earlier stage hides the one that is searched, so the point is untestable; so it is where
    /// an upstream does not build.
    package init(of outcome: Outcome, stage: Stage? = nil, fingerprint: String? = nil) {
        switch outcome.result {
        case .passed: self = .pass
        case .blocked: self = .untestable
        // It consumed the wrong upstream, and will do so each time.
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

extension ProbeAnswer {
    /// What `outcome` means for a search about one test, which ended with `result` in it; nil where it was not reported.
    ///
    /// What else failed in the build does not matter. Where the test did not run, the point is untestable.
    package init(of outcome: Outcome, test result: TestResult?) {
        let build = ProbeAnswer(of: outcome)
        self =
            switch result {
            case _ where build == .error || build == .untestable: build
            case .passed: .pass
            case .failed: .fail
            case .skipped, nil: .untestable
            }
    }
}

/// One build that a search asks for.
package struct ProbeRequest: Hashable, Codable, Sendable {
    /// Its number in the search, from 1 without gaps.
    package let n: Int
    /// Why it is built; a stored result may answer only `search`, all others must be built now.
    package let phase: SearchPhase
    /// What to build.
    package let point: ProbePoint
    /// How long to wait before it starts, for an outage to end.
    package let wait: TimeSpan?

    /// This request with its answer.
    package func answered(_ answer: ProbeAnswer, reused: Bool = false) -> Probe {
        Probe(n: n, phase: phase, point: point, answer: answer, reused: reused)
    }
}

/// An answered request: all that a search needs to be continued.
package struct Probe: Hashable, Codable, Sendable {
    /// The number of its request.
    package let n: Int
    /// Why it was built.
    package let phase: SearchPhase
    /// What was built.
    package let point: ProbePoint
    /// Its result.
    package let answer: ProbeAnswer
    /// Whether a stored result answered it without a build.
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
