// SPDX-License-Identifier: Apache-2.0

package import Foundation

/// All that a plan depends on.
package struct PlanInput: Sendable {
    /// The manifests.
    package let stack: Stack
    /// What the names in them stand for now.
    package var snapshot: Snapshot
    /// What history knew when the run began.
    package let knowledge: Knowledge
    /// What this run has finished so far, by key.
    package var finished: [String: FinishedBuild]
    /// What was asked for.
    package internal(set) var selection: Selection
    /// The time that holds are compared with.
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
