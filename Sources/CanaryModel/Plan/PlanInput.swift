// SPDX-License-Identifier: Apache-2.0

package import Foundation

/// Everything that a plan depends on.
package struct PlanInput: Sendable {
    /// The manifests.
    package let stack: Stack
    /// What branches, tags and images resolve to now.
    package var snapshot: Snapshot
    /// What history knew when the run started.
    package let knowledge: Knowledge
    /// The builds that this run has finished so far, by key.
    package var finished: [String: FinishedBuild]
    /// What the run was asked to do.
    package internal(set) var selection: Selection
    /// The present time, for holds and for what is still broken.
    package let now: Date

    /// Makes the input.
    package init(
        stack: Stack, snapshot: Snapshot, knowledge: Knowledge = Knowledge(),
        finished: [String: FinishedBuild] = [:], selection: Selection = Selection(), now: Date
    ) {
        self.stack = stack
        self.snapshot = snapshot
        self.knowledge = knowledge
        self.finished = finished
        self.selection = selection
        self.now = now
    }

    var projects: [Project] { stack.graph.projects }
}
