// SPDX-License-Identifier: Apache-2.0

package import CanaryJudge
package import CanaryModel
package import Foundation

/// A change of verdict.
package struct Transition: Hashable, Sendable {
    /// The run that brought it.
    package let run: String
    /// The job.
    package let job: JobID
    /// The verdict before.
    package let from: Verdict
    /// The verdict after.
    package let to: Verdict
    /// Since when it holds.
    package let at: Date
    /// The episode it opens, belongs to or closes.
    ///
    /// Must be given if it opens one; otherwise history knows it.
    package let episode: String?

    /// Makes a transition.
    package init(run: String, job: JobID, from: Verdict, to: Verdict, at: Date, episode: String? = nil) {
        self.run = run
        self.job = job
        self.from = from
        self.to = to
        self.at = at
        self.episode = episode
    }
}

/// The time from suspected to recovered.
package struct EpisodeRecord: Hashable, Sendable {
    /// Its id, `e...`.
    package let id: String
    /// The job.
    package let job: JobID
    /// When it opened: the start of its first failing run.
    package let openedAt: Date
    /// Its first failing run.
    package let openedBy: String
    /// When it closed; nil while open.
    package let closedAt: Date?
    /// The first error of the job in its first failing run.
    package let firstError: FirstError?
    /// The commit that a search found to have caused it; nil while none is found.
    package var culprit: EpisodeCulprit?
    /// Its changes of verdict, oldest first.
    package let transitions: [Transition]
}

/// The commit that a search found to have caused an episode.
package struct EpisodeCulprit: Hashable, Codable, Sendable {
    /// The commit.
    package let commit: Commit
    /// Its posterior probability, 0 to 1.
    package let confidence: Double
    /// Whether builds an hour or more after the search confirmed it; before that nobody is notified of it.
    package let isConfirmed: Bool
    /// The search that found it.
    package let search: String
    /// When its last probe ended.
    package let foundAt: Date

    /// Makes a culprit.
    package init(_ commit: Commit, confidence: Double, isConfirmed: Bool, search: String, foundAt: Date) {
        self.commit = commit
        self.confidence = confidence
        self.isConfirmed = isConfirmed
        self.search = search
        self.foundAt = foundAt
    }
}

/// A change of verdict with the error that stands for its episode.
package struct TransitionNews: Hashable, Sendable {
    /// The change.
    package let transition: Transition
    /// The first error of the episode it belongs to.
    package let firstError: FirstError?
    /// The culprit of that episode; nil while none is found.
    package var culprit: EpisodeCulprit?
}
