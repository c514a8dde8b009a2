// SPDX-License-Identifier: Apache-2.0

package import CanaryModel
package import Foundation

/// What is remembered of an open episode.
package struct OpenEpisode: Hashable, Codable, Sendable {
    /// When it began: the start of its first failing run.
    package fileprivate(set) var openedAt: Date
    /// The last good run before it; nil for a job that never passed.
    package fileprivate(set) var good: Inputs?
    /// Its first failing run.
    package let bad: Inputs
    /// The distinct heads that failed.
    package fileprivate(set) var heads: Set<String>
    /// How many runs failed.
    package fileprivate(set) var failingRuns = 1
    /// The start of the newest failing run.
    package fileprivate(set) var lastFailedAt: Date
    /// The distinct fingerprints, in the order they were seen.
    package fileprivate(set) var fingerprints: [String]
    /// The commit that is proven to have caused it, once a search has found it.
    package var culprit: Commit?

    fileprivate init(openedBy sighting: JobObservation, after good: Inputs?) {
        openedAt = sighting.inputs.at
        self.good = good
        bad = sighting.inputs
        heads = [sighting.inputs.head]
        lastFailedAt = sighting.inputs.at
        fingerprints = [sighting.fingerprint].compactMap(\.self)
    }

    /// Its age in seconds; never negative, whatever the clock did.
    package func age(at date: Date) -> TimeInterval { max(0, date.timeIntervalSince(openedAt)) }

    /// What moved between the last good run and the first bad one; nil for a job that never passed.
    package func movement(of job: JobID) -> ChangeSet? { good.map { ChangeSet(of: job, from: $0, to: bad) } }

    /// Counts a failing run; its head is new unless the inputs are those of the run before.
    fileprivate mutating func add(_ sighting: JobObservation, previousHead: String?) {
        openedAt = min(openedAt, sighting.inputs.at)
        lastFailedAt = max(lastFailedAt, sighting.inputs.at)
        failingRuns += 1
        if sighting.inputs.head != previousHead { heads.insert(sighting.inputs.head) }
        if let fingerprint = sighting.fingerprint, !fingerprints.contains(fingerprint) {
            fingerprints.append(fingerprint)
        }
    }
}

/// All that the judge remembers of one job, and what a run changes in it.
package struct JobJudgeState: Hashable, Codable, Sendable {
    /// What is new about one job after a run.
    package enum News: Hashable, Sendable {
        case flaky
        case suspected
        /// Passing again before anybody was paged.
        case healed
        /// Broken from now on.
        case broken
        /// The rule for a page holds, but the last known good fails as well.
        case controlFailed
        case recovered
        /// Broken, and now failing otherwise.
        case changed
        /// It passes though a failure is declared.
        case unexpectedPass
    }

    /// What is held of it.
    package private(set) var verdict = Verdict.unknown
    /// Since when; nil while unknown from the beginning.
    package private(set) var since: Date?
    /// Its accidents.
    package private(set) var flakes = FlakeRecord()
    /// The newest run that passed, on what it was; nil means that there is no control.
    package private(set) var lastGood: Inputs?
    /// What is remembered since it failed; nil unless suspected or broken.
    package var episode: OpenEpisode?
    /// When a run last said something about it.
    package private(set) var lastSeenAt: Date?
    private var lastRun: String?
    private var lastHead: String?
    private var hasToldUnexpectedPass = false

    /// Starts with nothing known.
    package init() {}

    /// How often a first attempt that failed is run again: a broken job learns nothing from it.
    package func reruns(_ policy: Policy) -> Int { verdict == .broken ? 0 : policy.reruns }

    /// The build that must be made before `sighting` can be judged, as far as `answers` have not settled it: a
    /// `confirm` of a pass that would close the episode, a `control` before it pages; nil when nothing is owed.
    package func owes(for sighting: JobObservation, given answers: Answers = Answers(), by rule: PageRule)
        -> AttemptPurpose?
    {
        guard sighting.run != lastRun else { return nil }
        switch (verdict, sighting.weight) {
        case (.suspected, .pass), (.broken, .pass):
            return sighting.onFallback || answers.confirmation != nil ? nil : .confirm
        case (.unknown, .fail), (.passing, .fail), (.suspected, .fail):
            return isDue(sighting, by: rule) && answers.owesControl ? .control : nil
        default: return nil
        }
    }

    /// Takes in `sighting`.
    ///
    /// - Parameters:
    ///   - answers: what the builds said that `owes` asked for.
    ///   - rule: when it is news.
    /// - Returns: what is new, nothing for a run that was taken in before.
    package mutating func take(
        _ sighting: JobObservation, given answers: Answers = Answers(), by rule: PageRule
    ) -> [News] {
        guard sighting.run != lastRun else { return [] }
        lastRun = sighting.run
        let surprise = noteExpectation(sighting)
        guard sighting.weight != .none else { return surprise }
        let news: [News] =
            switch sighting.weight {
            case .none: []
            case .flaky: takeFlake()
            case .pass: takePass(sighting, confirmedBy: answers.confirmation)
            case .fail: takeFailure(sighting, given: answers, by: rule)
            }
        lastHead = sighting.inputs.head
        lastSeenAt = max(lastSeenAt ?? sighting.inputs.at, sighting.inputs.at)
        return surprise + news
    }

    private mutating func noteExpectation(_ sighting: JobObservation) -> [News] {
        let isSurprising = sighting.expectedIssue != nil && sighting.evidence == .pass
        if sighting.evidence == .pass || sighting.evidence == .fail {
            defer { hasToldUnexpectedPass = isSurprising }
            return isSurprising && !hasToldUnexpectedPass ? [.unexpectedPass] : []
        }
        return []
    }

    private mutating func takeFlake() -> [News] {
        guard episode == nil else { return [] }
        flakes.add(flaky: true)
        return [.flaky]
    }

    private mutating func takePass(_ sighting: JobObservation, confirmedBy confirmation: Evidence?) -> [News] {
        guard episode != nil else {
            flakes.add(flaky: false)
            lastGood = sighting.inputs
            if verdict == .unknown { become(.passing, at: sighting.inputs.at) }
            return []
        }
        if sighting.onFallback {
            // It is the last known good of the vector it was built on, and says nothing of the red upstream's head.
            lastGood = sighting.inputs
            if episode?.good == nil { episode?.good = sighting.inputs }
        }
        guard !sighting.onFallback, confirmation == .pass else { return [] }
        let news = verdict == .broken ? News.recovered : .healed
        lastGood = sighting.inputs
        episode = nil
        become(.passing, at: sighting.inputs.at)
        return [news]
    }

    private mutating func takeFailure(
        _ sighting: JobObservation, given answers: Answers, by rule: PageRule
    ) -> [News] {
        let isDue = isDue(sighting, by: rule)
        guard let before = episode else {
            episode = OpenEpisode(openedBy: sighting, after: lastGood)
            become(.suspected, at: sighting.inputs.at)
            return [.suspected] + settleControl(sighting, answers, isDue: isDue)
        }
        episode?.add(sighting, previousHead: lastHead)
        guard verdict == .broken else { return settleControl(sighting, answers, isDue: isDue) }
        return episode?.fingerprints == before.fingerprints ? [] : [.changed]
    }

    private mutating func settleControl(_ sighting: JobObservation, _ answers: Answers, isDue: Bool) -> [News] {
        guard isDue, let passes = answers.controlPasses else { return [] }
        guard passes else { return [.controlFailed] }
        become(.broken, at: sighting.inputs.at)
        return [.broken]
    }

    /// Whether the rule for a page holds once `sighting`, a failure, is counted.
    private func isDue(_ sighting: JobObservation, by rule: PageRule) -> Bool {
        var next = episode ?? OpenEpisode(openedBy: sighting, after: lastGood)
        if episode != nil { next.add(sighting, previousHead: lastHead) }
        return next.good != nil && rule.holds(for: next, at: sighting.inputs.at)
    }

    private mutating func become(_ next: Verdict, at date: Date) {
        verdict = next
        since = date
    }
}
