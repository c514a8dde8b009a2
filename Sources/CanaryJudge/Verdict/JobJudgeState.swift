// SPDX-License-Identifier: Apache-2.0

package import CanaryModel
package import Foundation

/// What is remembered about an open episode.
package struct OpenEpisode: Hashable, Codable, Sendable {
    /// When it began: the start of its first failing run.
    package fileprivate(set) var openedAt: Date
    /// The inputs of the last good run before it; nil for a job that has never passed.
    package fileprivate(set) var good: Inputs?
    /// The inputs of its first failing run.
    package let bad: Inputs
    /// The hashes of the different inputs that failed.
    package fileprivate(set) var heads: Set<String>
    /// How many runs failed.
    package fileprivate(set) var failingRuns = 1
    /// The start of the newest failing run.
    package fileprivate(set) var lastFailedAt: Date
    /// The different fingerprints, in the order in which they occurred.
    package fileprivate(set) var fingerprints: [String]
    /// The commit that is proven to have caused it, once a search has found it.
    package var culprit: Commit?

    fileprivate init(openedBy observation: JobObservation, after good: Inputs?) {
        openedAt = observation.inputs.at
        self.good = good
        bad = observation.inputs
        heads = [observation.inputs.inputsHash]
        lastFailedAt = observation.inputs.at
        fingerprints = [observation.fingerprint].compactMap(\.self)
    }

    /// Its age in seconds; never negative, whatever the clock did.
    package func age(at date: Date) -> TimeInterval { max(0, date.timeIntervalSince(openedAt)) }

    /// What changed between the last good run and the first bad one; nil for a job that has never passed.
    package func changes(of job: JobID) -> ChangeSet? { good.map { ChangeSet(of: job, from: $0, to: bad) } }

    /// Whether the failing `observation` has an error that the episode has not seen.
    fileprivate func failsDifferently(_ observation: JobObservation) -> Bool {
        guard let fingerprint = observation.fingerprint, !fingerprints.contains(fingerprint) else { return false }
        return fingerprints.contains { FingerprintForm.differ($0, fingerprint) }
    }

    /// Counts a failing run; its inputs are new unless they are those of the previous run.
    fileprivate mutating func add(_ observation: JobObservation, previousInputsHash: String?) {
        openedAt = min(openedAt, observation.inputs.at)
        lastFailedAt = max(lastFailedAt, observation.inputs.at)
        failingRuns += 1
        if observation.inputs.inputsHash != previousInputsHash { heads.insert(observation.inputs.inputsHash) }
        if let fingerprint = observation.fingerprint, !fingerprints.contains(fingerprint) {
            fingerprints.append(fingerprint)
        }
    }
}

/// Everything that the judge remembers about one job, and how a run changes it.
package struct JobJudgeState: Hashable, Codable, Sendable {
    /// What is new about one job after a run.
    package enum News: Hashable, Sendable {
        case flaky
        case suspected
        /// It passes again, before anybody was paged.
        case healed
        /// It is broken from now on.
        case broken
        /// The rule for a page holds, but the last known good fails as well.
        case controlFailed
        case recovered
        /// It is broken, and now fails with a different error.
        case changed
        /// It passes although a failure is declared.
        case unexpectedPass
    }

    /// What is believed about it.
    package private(set) var verdict = Verdict.unknown
    /// The start of the run that changed the verdict; nil if it was never changed.
    package private(set) var since: Date?
    /// How often it is flaky.
    package private(set) var flakes = FlakeRecord()
    /// The inputs of the newest run that passed, which are the control; nil if it has never passed.
    package private(set) var lastGood: Inputs?
    /// The open episode; nil unless suspected or broken.
    package var episode: OpenEpisode?
    /// When a run last gave evidence about it.
    package private(set) var lastSeenAt: Date?
    private var lastRun: String?
    private var lastInputsHash: String?
    private var hasReportedUnexpectedPass = false

    private enum CodingKeys: String, CodingKey {
        case verdict, since, flakes, lastGood, episode, lastSeenAt, lastRun
        case lastInputsHash = "lastHead"
        case hasReportedUnexpectedPass = "hasToldUnexpectedPass"
    }

    /// Creates the state of a job that was never observed.
    package init() {}

    /// How often a failed first attempt is repeated: never for a broken job, where it would change nothing.
    package func reruns(_ policy: Policy) -> Int { verdict == .broken ? 0 : policy.reruns }

    /// The build that is required before `observation` can be judged and that `answers` do not yet contain: a `confirm`
    /// of a pass that would close the episode, or a `control` before a page; nil if none is required.
    package func owes(for observation: JobObservation, given answers: Answers = Answers(), by rule: PageRule)
        -> AttemptPurpose?
    {
        guard observation.run != lastRun else { return nil }
        switch (verdict, observation.weight) {
        case (.suspected, .pass), (.broken, .pass):
            return observation.onFallback || answers.confirmation != nil ? nil : .confirm
        case (.unknown, .fail), (.passing, .fail), (.suspected, .fail):
            return isDue(observation, by: rule) && answers.owesControl ? .control : nil
        default: return nil
        }
    }

    /// Applies `observation`.
    ///
    /// - Parameters:
    ///   - answers: what the builds that `owes` asked for say.
    ///   - rule: when the job is paged.
    /// - Returns: what is new; nothing for a run that was applied before.
    package mutating func take(
        _ observation: JobObservation, given answers: Answers = Answers(), by rule: PageRule
    ) -> [News] {
        guard observation.run != lastRun else { return [] }
        lastRun = observation.run
        let unexpected = unexpectedPass(observation)
        guard observation.weight != .none else { return unexpected }
        let news: [News] =
            switch observation.weight {
            case .none: []
            case .flaky: takeFlake()
            case .pass: takePass(observation, confirmedBy: answers.confirmation)
            case .fail: takeFailure(observation, given: answers, by: rule)
            }
        lastInputsHash = observation.inputs.inputsHash
        lastSeenAt = max(lastSeenAt ?? observation.inputs.at, observation.inputs.at)
        return unexpected + news
    }

    private mutating func unexpectedPass(_ observation: JobObservation) -> [News] {
        let isUnexpected = observation.expectedIssue != nil && observation.evidence == .pass
        if observation.evidence == .pass || observation.evidence == .fail {
            defer { hasReportedUnexpectedPass = isUnexpected }
            return isUnexpected && !hasReportedUnexpectedPass ? [.unexpectedPass] : []
        }
        return []
    }

    private mutating func takeFlake() -> [News] {
        guard episode == nil else { return [] }
        flakes.add(flaky: true)
        return [.flaky]
    }

    private mutating func takePass(_ observation: JobObservation, confirmedBy confirmation: Evidence?) -> [News] {
        guard episode != nil else {
            flakes.add(flaky: false)
            lastGood = observation.inputs
            if verdict == .unknown { become(.passing, at: observation.inputs.at) }
            return []
        }
        if observation.onFallback {
            // It is a last known good with the upstreams it used, and says nothing about the head of the red upstream.
            lastGood = observation.inputs
            if episode?.good == nil { episode?.good = observation.inputs }
        }
        guard !observation.onFallback, confirmation == .pass else { return [] }
        let news = verdict == .broken ? News.recovered : .healed
        lastGood = observation.inputs
        episode = nil
        become(.passing, at: observation.inputs.at)
        return [news]
    }

    private mutating func takeFailure(
        _ observation: JobObservation, given answers: Answers, by rule: PageRule
    ) -> [News] {
        let isDue = isDue(observation, by: rule)
        guard let before = episode else {
            episode = OpenEpisode(openedBy: observation, after: lastGood)
            become(.suspected, at: observation.inputs.at)
            return [.suspected] + settleControl(observation, answers, isDue: isDue)
        }
        episode?.add(observation, previousInputsHash: lastInputsHash)
        guard verdict == .broken else { return settleControl(observation, answers, isDue: isDue) }
        return before.failsDifferently(observation) ? [.changed] : []
    }

    private mutating func settleControl(_ observation: JobObservation, _ answers: Answers, isDue: Bool) -> [News] {
        guard isDue, let passes = answers.controlPasses else { return [] }
        guard passes else { return [.controlFailed] }
        become(.broken, at: observation.inputs.at)
        return [.broken]
    }

    /// Whether the rule for a page is met once the failure `observation` is counted.
    private func isDue(_ observation: JobObservation, by rule: PageRule) -> Bool {
        var next = episode ?? OpenEpisode(openedBy: observation, after: lastGood)
        if episode != nil { next.add(observation, previousInputsHash: lastInputsHash) }
        return next.good != nil && rule.holds(for: next, at: observation.inputs.at)
    }

    private mutating func become(_ next: Verdict, at date: Date) {
        verdict = next
        since = date
    }
}
