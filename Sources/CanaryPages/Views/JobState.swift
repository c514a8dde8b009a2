// SPDX-License-Identifier: Apache-2.0

import CanaryHistory
package import CanaryJudge
import CanaryModel
package import Foundation

/// The six shapes of the pages; each has its own outline and colour, and stands beside a word.
enum Shape: String, CaseIterable, Sendable {
    case broken
    case suspected
    case lost
    /// It fails, and the manifest says that it may.
    case expected
    case unknown
    case passing

    /// How bad it is: the smallest is shown first.
    var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }

    /// The symbol of the frame, as an image beside its word.
    var icon: String { "<svg class=\"i \(rawValue)\" aria-hidden=\"true\"><use href=\"#s-\(rawValue)\"/></svg>" }
}

/// Why nothing is known of a job now, whatever its verdict says.
enum Loss: String, Sendable {
    case held
    case blocked
    case error
    case stale
}

/// Where a job stands, in the words and shapes of the pages.
struct JobState: Sendable {
    let shape: Shape
    /// The word beside the shape.
    let word: String
    /// What else there is to say, in a word each.
    let labels: [String]
    let loss: Loss?

    /// A pass that is not renewed is coverage that was lost: it is never shown green.
    init(_ overview: JobOverview?, notes: JobNotes, isHeld: Bool) {
        let verdict = overview?.verdict ?? .unknown
        loss =
            if isHeld {
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

/// What is known of a job beside its overview: the judge's memory, searches, notices.
package struct JobNotes: Hashable, Sendable {
    /// Whether it has the label `flaky`.
    package var isFlaky: Bool
    /// Whether nothing was heard of it for two periods.
    package var isStale: Bool
    /// The chance that a good build fails by accident, 0 to 1.
    package var flakeRate: Double?
    /// The earliest instant at which it can page.
    package var pagesAt: Date?
    /// What the policy waits for, in one line that holds no age.
    package var waitsFor: String?
    /// The proven or most probable culprits.
    package var culprits: [CulpritNote]
    /// The newest search about it.
    package var search: String?
    /// Who was told, and who not and why, one line each.
    package var told: [String]

    /// Puts together what is known; nothing by default.
    package init(
        isFlaky: Bool = false, isStale: Bool = false, flakeRate: Double? = nil, pagesAt: Date? = nil,
        waitsFor: String? = nil, culprits: [CulpritNote] = [], search: String? = nil, told: [String] = []
    ) {
        self.isFlaky = isFlaky
        self.isStale = isStale
        self.flakeRate = flakeRate
        self.pagesAt = pagesAt
        self.waitsFor = waitsFor
        self.culprits = culprits
        self.search = search
        self.told = told
    }

    /// What the judge remembers, read by the rule in force.
    package init(_ memory: JobJudgeState, rule: PageRule) {
        self.init(isFlaky: memory.flakes.isFlapping, flakeRate: memory.flakes.rate)
        guard let episode = memory.episode else { return }
        if memory.verdict == .suspected {
            pagesAt = rule.pagesAt(episode)
            waitsFor = Self.outlook(episode, rule: rule)
        }
        if let culprit = episode.culprit {
            culprits = [CulpritNote(project: culprit.project, revision: culprit.revision)]
        }
    }

    private static func outlook(_ episode: OpenEpisode, rule: PageRule) -> String {
        guard episode.good != nil else { return "never passed: nothing to hold it against, pages nobody" }
        return """
            \(episode.heads.count) of \(rule.heads) failing heads at an age of \(rule.age.inHours), \
            or \(episode.failingRuns) of \(rule.runs) failing runs at \(rule.otherAge.inHours)
            """
    }
}

/// A commit that broke a job, or most probably did.
package struct CulpritNote: Hashable, Sendable {
    /// The project.
    package let project: String
    /// The whole SHA.
    package let revision: String
    /// The first line of its message.
    package let subject: String?
    /// Who wrote it.
    package let author: String?
    /// Its posterior probability, 0 to 1; nil where it is proven.
    package let confidence: Double?

    /// Names a commit.
    package init(
        project: String, revision: String, subject: String? = nil, author: String? = nil, confidence: Double? = nil
    ) {
        self.project = project
        self.revision = revision
        self.subject = subject
        self.author = author
        self.confidence = confidence
    }
}
