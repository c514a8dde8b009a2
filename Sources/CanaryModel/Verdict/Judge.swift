// SPDX-License-Identifier: Apache-2.0

/// What a result means for a job: rules.md 2, as far as unknown, passing and suspected go.
package enum Judgement: Hashable, Sendable {
    /// Nothing changes.
    case stays
    /// Nothing changes until the same inputs have been run once more.
    case needsConfirmation
    /// The verdict becomes another one.
    case becomes(Verdict)
}

/// Decides what evidence means; pure.
package enum Judge {
    /// Weighs `evidence` of one judged run against `verdict`.
    ///
    /// - Parameters:
    ///   - confirmation: what the same inputs said when run once more, where that was asked for.
    ///   - onFallback: whether a red upstream's last known good stood in for it: such a pass closes no episode.
    package static func weigh(
        _ evidence: Evidence, on verdict: Verdict, confirmation: Evidence? = nil, onFallback: Bool = false
    ) -> Judgement {
        switch (verdict, evidence) {
        case (_, .none), (_, .flaky): .stays
        case (.unknown, .pass): .becomes(.passing)
        case (.unknown, .fail), (.passing, .fail): .becomes(.suspected)
        case (.passing, .pass), (.suspected, .fail), (.broken, .fail): .stays
        case (.suspected, .pass), (.broken, .pass): closing(confirmation, onFallback: onFallback)
        }
    }

    private static func closing(_ confirmation: Evidence?, onFallback: Bool) -> Judgement {
        if onFallback { return .stays }
        guard let confirmation else { return .needsConfirmation }
        return confirmation == .pass ? .becomes(.passing) : .stays
    }
}

extension Message {
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
