// SPDX-License-Identifier: Apache-2.0

package import CanaryHistory
package import CanaryJudge
package import CanaryModel
package import Foundation

/// The six symbols of the pages.
///
/// Each has its own outline and colour, and appears next to a word.
enum Shape: String, CaseIterable, Sendable {
    case broken
    case suspected
    case lost
    /// It fails, and the manifest expects that.
    case expected
    case unknown
    case passing

    /// Its severity: the smallest is shown first.
    var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }

    /// A reference to the symbol, which the frame defines.
    var icon: String { "<svg class=\"i \(rawValue)\" aria-hidden=\"true\"><use href=\"#s-\(rawValue)\"/></svg>" }
}

/// Why coverage of a job is lost: there is no current result, whatever its verdict says.
enum Loss: String, Sendable {
    case held
    case blocked
    case error
    case stale
}

/// The state of a job, in the words and shapes of the pages.
struct JobState: Sendable {
    let shape: Shape
    /// The word next to the shape.
    let word: String
    /// Further labels.
    let labels: [String]
    let loss: Loss?

    /// Whether the job has an open episode to show.
    var isFailing: Bool { shape == .broken || shape == .suspected }

    /// A pass without a current result is lost coverage, and is never shown as green.
    init(_ facts: JobFacts, in context: PageContext) {
        let (overview, notes) = (facts.overview, facts.notes)
        let verdict = overview?.verdict ?? .unknown
        loss =
            if context.isHeld(facts.job.project) {
                .held
            } else if overview?.lastResult == .blocked {
                .blocked
            } else if overview?.lastResult == .error {
                .error
            } else if notes.isStale {
                .stale
            } else {
                nil
            }
        var labels: [String] = []
        switch verdict {
        case .broken, .suspected:
            shape = verdict == .broken ? .broken : .suspected
            word = verdict.rawValue
            if let loss { labels.append(loss.rawValue) }
        case .passing, .unknown:
            let fails = overview?.lastResult?.isFailure == true
            shape = loss != nil ? .lost : fails ? .expected : verdict == .passing ? .passing : .unknown
            word =
                loss?.rawValue ?? (fails ? overview?.expectedIssue == nil ? "failing" : "expected" : verdict.rawValue)
        }
        if notes.isFlaky { labels.append("flaky") }
        if overview?.expectedIssue != nil, overview?.lastResult == .passed { labels.append("unexpected pass") }
        self.labels = labels
    }
}

/// Facts about a job that are not in its overview: from the judge, searches and notices.
package struct JobNotes: Hashable, Sendable {
    /// Whether it has the label `flaky`.
    package var isFlaky: Bool
    /// Whether it has had no finished run for two schedule periods.
    package var isStale: Bool
    /// The probability that a build that should pass fails by accident, 0 to 1.
    package var flakeRate: Double?
    /// The earliest instant at which it can page.
    package var pagesAt: Date?
    /// What the policy waits for, in one line without an age.
    package var waitsFor: String?
    /// The proven or most probable culprit.
    package var culprit: Commit?
    /// The posterior probability of the culprit, 0 to 1; nil where it is proven.
    package var confidence: Double?
    /// The newest search about its episode.
    package var search: String?
    /// How far that search is; nil when it is over.
    package var progress: String?
    /// The notices about it and their delivery, one line each.
    package var notices: [String]
    /// The other episodes with the error that it fails with.
    package var sameError: [FailureCluster.Member] = []
    /// The tests of its newest build.
    package var tests: JobTests?

    /// Creates notes; empty by default.
    package init(
        isFlaky: Bool = false, isStale: Bool = false, flakeRate: Double? = nil, pagesAt: Date? = nil,
        waitsFor: String? = nil, culprit: Commit? = nil, confidence: Double? = nil, search: String? = nil,
        progress: String? = nil, notices: [String] = []
    ) {
        self.isFlaky = isFlaky
        self.isStale = isStale
        self.flakeRate = flakeRate
        self.pagesAt = pagesAt
        self.waitsFor = waitsFor
        self.culprit = culprit
        self.confidence = confidence
        self.search = search
        self.progress = progress
        self.notices = notices
    }

    /// The notes of the judge, with the paging rule of the job.
    package init(_ memory: JobJudgeState, rule: PageRule) {
        self.init(isFlaky: memory.flakes.isFlapping, flakeRate: memory.flakes.rate)
        guard let episode = memory.episode else { return }
        if memory.verdict == .suspected {
            pagesAt = rule.pagesAt(episode)
            waitsFor = Self.outlook(episode, rule: rule)
        }
        culprit = episode.culprit
    }

    private static func outlook(_ episode: OpenEpisode, rule: PageRule) -> String {
        guard episode.good != nil else { return "has never passed: no baseline, so it does not page" }
        return """
            \(episode.heads.count) of \(rule.heads) failing heads at an age of \(rule.age.inHours), \
            or \(episode.failingRuns) of \(rule.runs) failing runs at \(rule.otherAge.inHours)
            """
    }
}
