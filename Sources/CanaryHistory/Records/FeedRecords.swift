// SPDX-License-Identifier: Apache-2.0

package import CanaryModel
package import Foundation

/// The newest judged run in which every `head` job of a variant passed, or failed as expected.
package struct GreenRun: Hashable, Sendable {
    /// The run.
    package let run: String
    /// When it started.
    package let at: Date
    /// The environment of the variant in it; nil when it was not had.
    package let environment: String?
    /// The `head` jobs of the variant, in the order they were recorded.
    package let jobs: [RunJob]
}

/// A change of verdict with the error that stands for its episode.
package struct TransitionNews: Hashable, Sendable {
    /// The change.
    package let transition: Transition
    /// The first error of the episode it belongs to.
    package let firstError: FirstError?
}

/// Numbers of all that happened.
package struct HistoryTallies: Hashable, Sendable {
    /// Runs by state.
    package let runs: [RunState: Int]
    /// Attempts that ended, by result.
    package let attempts: [Result: Int]
    /// Attempts under way.
    package let running: Int
    /// Requests that are not over.
    package let openRequests: Int
}
