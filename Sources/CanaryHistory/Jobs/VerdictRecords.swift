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
    /// Its changes of verdict, oldest first.
    package let transitions: [Transition]
}

/// A change of verdict with the error that stands for its episode.
package struct TransitionNews: Hashable, Sendable {
    /// The change.
    package let transition: Transition
    /// The first error of the episode it belongs to.
    package let firstError: FirstError?
}
